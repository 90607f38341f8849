import type { ClusterRecord } from './record.ts';

/**
 * The record of another leader, whose clock may differ. What it noted as later than now is now, or a wait that it began
 * would last as much longer; and members are given their whole time to report again.
 */
export function fromOtherClock(record: ClusterRecord, nowMs: number): ClusterRecord {
  const past = (atMs: number): number => Math.min(atMs, nowMs);
  const pastOrNever = (atMs: number | null): number | null => atMs && past(atMs);
  const { election, switchover, openedAtMs, detachedSinceMs, instances } = record;
  return {
    ...record,
    election: election && {
      ...election,
      startedAtMs: past(election.startedAtMs),
      askedAtMs: nowMs,
      wonAtMs: pastOrNever(election.wonAtMs),
    },
    switchover: switchover && {
      ...switchover,
      startedAtMs: past(switchover.startedAtMs),
      deadlineAtMs: switchover.deadlineAtMs - Math.max(0, switchover.startedAtMs - nowMs),
    },
    openedAtMs: pastOrNever(openedAtMs),
    detachedSinceMs: Object.fromEntries(
      Object.entries(detachedSinceMs).map(([id, atMs]) => [id, past(atMs)]),
    ),
    instances: instances.map((i) => ({
      ...i,
      retryAtMs: past(i.retryAtMs),
      awaySinceMs: pastOrNever(i.awaySinceMs),
      task: i.task && { ...i.task, startedAtMs: past(i.task.startedAtMs) },
    })),
  };
}
