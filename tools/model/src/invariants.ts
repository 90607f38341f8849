/** What model/proof.pml asserts, for people. */
export const INVARIANTS: Record<string, string> = {
  isOnVoters: 'an acknowledged transaction is in no listed generation on k voters and on the primary',
  isOnlyLife: 'two lives of a mysqld acknowledged in one epoch',
  isHarmless: 'a deposed primary acknowledged what its successor was not elected for',
  isElectedForAll: 'an epoch opened without an acknowledged transaction',
  isOpenedWithAll: 'a new primary opened without an acknowledged transaction',
  isReplaceable: 'a primary that never went alone cannot be replaced by all the others',
};

/** The assertion that shows that a scope goes all the way; it has to fail there. */
export const WITNESS = { name: 'isStillThere', number: 99 };
