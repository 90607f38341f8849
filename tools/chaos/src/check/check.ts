/** All checks of one round's history. Pure. */
import type { Bank, History } from '../history.ts';
import { checkBank, checkCopies, checkCounter, checkErrant, checkLost } from './holdings.ts';
import { checkReads } from './reads.ts';
import { checkReigns } from './reigns.ts';
import type { Violation } from './violation.ts';

export interface Expectations {
  bank: Bank;
  /** How long a deposed primary may still answer reads. */
  staleReadsMs: number;
  /** The fault touched nobody who serves data: whoever was primary has to stay it. */
  keepsPrimary: boolean;
}

export function check(history: History, expected: Expectations): Violation[] {
  return [
    ...checkLost(history),
    ...checkCopies(history),
    ...checkReigns(history),
    ...checkBank(history, expected.bank),
    ...checkCounter(history),
    ...checkReads(history, expected.bank, expected.staleReadsMs),
    ...checkErrant(history),
    ...(expected.keepsPrimary ? checkKept(history) : []),
  ];
}

function checkKept({ sights }: History): Violation[] {
  const first = sights[0];
  const other = sights.find(({ epoch }) => epoch !== first?.epoch);
  if (!first || !other) return [];
  const detail = `epoch ${first.epoch} became ${other.epoch}, ${other.state}: ${other.reason}`;
  return [{ kind: 'needless failover', count: 1, detail }];
}
