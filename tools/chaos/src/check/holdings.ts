/** What the members hold in the end, against what was acknowledged. */
import { containsGtidSet, parseGtidSet, subtractGtidSets, formatGtidSet, unionGtidSets } from '@cotton/core';
import type { Bank, History, Holding, Increment, Transfer, Write } from '../history.ts';
import type { Violation } from './violation.ts';
import { violation } from './violation.ts';

export function checkLost({ writes, transfers, increments, holdings }: History): Violation[] {
  const [primary] = holdings;
  if (!primary) return [];
  const rows = new Set([...primary.writes, ...primary.transfers]);
  const executed = parseGtidSet(primary.executed);
  const acknowledged = [...writes, ...transfers, ...increments].filter((attempt) => attempt.isAcknowledged);
  const gone = acknowledged.filter((attempt) => {
    const row = rowOf(attempt);
    const { gtid } = attempt;
    const isThere = row === undefined || rows.has(row);
    return !isThere || (gtid !== undefined && !containsGtidSet(executed, parseGtidSet(gtid)));
  });
  return violation(
    'lost',
    gone.map(({ kind, client, seq, server, gtid }) => `${kind} ${client}:${seq} by ${server} ${gtid ?? ''}`),
    `acknowledged and not on ${primary.instance}`,
  );
}

/** Increments leave none. */
function rowOf(attempt: Write | Transfer | Increment): string | undefined {
  const { kind, client, seq } = attempt;
  if (kind === 'increment') return undefined;
  return kind === 'write'
    ? `${client}:${seq}`
    : `${client}:${seq}:${attempt.from}:${attempt.to}:${attempt.amount}`;
}

/** It counts each acknowledged increment, and none twice. */
export function checkCounter({ increments, holdings }: History): Violation[] {
  const acknowledged = increments.filter(({ isAcknowledged }) => isAcknowledged).length;
  const where = (is: (counter: number) => boolean): string[] =>
    holdings.filter(({ counter }) => is(counter)).map(({ instance, counter }) => `${counter} on ${instance}`);
  const what = `the counter, after ${acknowledged} acknowledged of ${increments.length} increments`;
  return [
    ...violation(
      'lost',
      where((counter) => counter < acknowledged),
      what,
    ),
    ...violation(
      'doubled',
      where((counter) => counter > increments.length),
      what,
    ),
  ];
}

/** Byte for byte, and transaction for transaction. */
export function checkCopies({ holdings }: History): Violation[] {
  const [primary, ...replicas] = holdings;
  if (!primary) return [];
  return replicas.flatMap((replica) =>
    violation('differs', differences(primary, replica), `${replica.instance} against ${primary.instance}`),
  );
}

function differences(primary: Holding, replica: Holding): string[] {
  const rows = (['writes', 'transfers'] as const).flatMap((table) => [
    ...missing(primary[table], replica[table]).map((row) => `lacks ${table} ${row}`),
    ...missing(replica[table], primary[table]).map((row) => `has ${table} ${row} besides`),
  ]);
  const behind = subtractGtidSets(parseGtidSet(primary.executed), parseGtidSet(replica.executed));
  return [
    ...rows,
    ...(rows.length === 0 && primary.digest !== replica.digest ? ['contents of a row'] : []),
    ...(behind.size > 0 ? [`lacks transactions ${formatGtidSet(behind)}`] : []),
  ];
}

function missing(from: string[], on: string[]): string[] {
  const present = new Set(on);
  return from.filter((row) => !present.has(row));
}

/** The sum is what it was, and each account holds what its transfers make of it. */
export function checkBank({ holdings }: History, { accounts, opening }: Bank): Violation[] {
  return holdings.flatMap(({ instance, balances, transfers }) => {
    const expected = Array.from({ length: accounts }, () => opening);
    for (const row of transfers) {
      const [, , from = 0, to = 0, amount = 0] = row.split(':').map(Number);
      expected[from] = (expected[from] ?? 0) - amount;
      expected[to] = (expected[to] ?? 0) + amount;
    }
    const wrong = expected.flatMap((value, account) =>
      balances[account] === value ? [] : [`account ${account} has ${balances[account]}, not ${value}`],
    );
    const sum = balances.reduce((total, balance) => total + balance, 0);
    if (sum !== accounts * opening) wrong.push(`the sum is ${sum}, not ${accounts * opening}`);
    return violation('sum', wrong, instance);
  });
}

/** What only one member had, and no longer has, must have been saved and reported. */
export function checkErrant({ strays, reported }: History): Violation[] {
  const known = parseGtidSet(reported);
  const silent = Object.entries(strays).flatMap(([instance, gtids]) => {
    const rest = subtractGtidSets(parseGtidSet(gtids), known);
    return rest.size === 0 ? [] : [`${formatGtidSet(rest)} of ${instance}`];
  });
  return violation('errant', silent, 'executed somewhere, not on the primary, and never reported');
}

/** Everything in any of these sets, as text. */
export function unionText(sets: readonly string[]): string {
  return formatGtidSet(unionGtidSets(...sets.map(parseGtidSet)));
}
