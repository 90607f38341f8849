/** Reads on the primary never miss what was acknowledged before, and never go back. */
import type { Bank, History, Read, Write } from '../history.ts';
import type { Violation } from './violation.ts';
import { violation } from './violation.ts';

/** @param staleMs a deposed primary's reads must have ended by then */
export function checkReads(history: History, bank: Bank, staleMs: number): Violation[] {
  const { reads } = history;
  const wrongSums = reads.filter(({ sum }) => sum !== bank.accounts * bank.opening);
  return [
    ...violation(
      'sum',
      wrongSums.map(({ server, startedMs, sum }) => `${sum} on ${server} at ${Math.round(startedMs)} ms`),
      'sums that a reader saw',
    ),
    ...checkStale(history, staleMs),
    ...checkPhantoms(history),
    ...checkRegressions(history),
  ];
}

function checkStale({ writes, reads }: History, staleMs: number): Violation[] {
  const byClient = acknowledgedByClient(writes);
  const findings = reads.flatMap((read) => {
    const old = [...byClient].flatMap(([client, acks]) => {
      const due = lastBefore(acks, read.startedMs - boundFor(read, writes, staleMs));
      return due && due.seq > (read.highest[client] ?? 0) ? [due] : [];
    });
    return old.length === 0 ? [] : [describe(read, old)];
  });
  return violation('stale', findings, 'reads that missed acknowledged writes');
}

/**
 * What a primary showed is there in the end: it shows a write only once replicas have it. (A deposed primary that was
 * started again, closed, may show what it will have to give up.)
 */
function checkPhantoms({ writes, reads, holdings }: History): Violation[] {
  const [primary] = holdings;
  if (!primary) return [];
  const rows = new Set(primary.writes);
  const primaries = new Set(writes.filter((write) => write.isAcknowledged).map(({ server }) => server));
  const findings = reads
    .filter(({ server }) => primaries.has(server))
    .flatMap(({ server, startedMs, highest }) =>
      Object.entries(highest)
        .filter(([client, seq]) => !rows.has(`${client}:${seq}`))
        .map(([client, seq]) => `${client}:${seq} on ${server} at ${Math.round(startedMs)} ms`),
    );
  return violation('phantom', findings, 'read, and gone in the end');
}

/** Whoever acknowledges next was the primary at that time, and has no excuse. */
function boundFor(read: Read, writes: readonly Write[], staleMs: number): number {
  return nextServer(read, writes) === read.server ? 0 : staleMs;
}

function nextServer(read: Read, writes: readonly Write[]): string | undefined {
  let next: Write | undefined;
  for (const write of writes)
    if (write.isAcknowledged && write.endedMs > read.endedMs && (!next || write.endedMs < next.endedMs))
      next = write;
  return next?.server;
}

function describe({ server, startedMs }: Read, missed: readonly Write[]): string {
  const [first] = missed;
  const agoMs = Math.round(startedMs - (first?.endedMs ?? 0));
  return `on ${server} at ${Math.round(startedMs)} ms without ${first?.client}:${first?.seq} (acknowledged ${agoMs} ms before by ${first?.server})`;
}

function acknowledgedByClient(writes: readonly Write[]): Map<number, Write[]> {
  return Map.groupBy(
    writes.filter((write) => write.isAcknowledged),
    (write) => write.client,
  );
}

function lastBefore(acks: readonly Write[], ms: number): Write | undefined {
  return acks.findLast(({ endedMs }) => endedMs < ms);
}

/** A reader sees time go forward only: on one incarnation, and from one primary to the next. */
function checkRegressions({ writes, reads }: History): Violation[] {
  const seen = new Map<string, Record<number, number>>();
  const findings = reads.flatMap((read) => {
    const views = [`${read.client} ${read.server}`];
    if (nextServer(read, writes) === read.server) views.push(`${read.client} on primaries`);
    const back = views.flatMap((view) => wentBack(seen.get(view) ?? {}, read));
    for (const view of views) seen.set(view, read.highest);
    return back.slice(0, 1);
  });
  return violation('regressed', findings, 'reads that went back');
}

function wentBack(before: Record<number, number>, { server, startedMs, highest }: Read): string[] {
  return Object.entries(before).flatMap(([client, seq]) => {
    const now = highest[Number(client)] ?? 0;
    const where = `on ${server} at ${Math.round(startedMs)} ms`;
    return now < seq ? [`${where}: client ${client} was at ${seq}, now at ${now}`] : [];
  });
}
