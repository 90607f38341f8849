/** Elections and switchovers, from the record to the API. */
import type { Transition } from '@cotton/api';
import type { AuditStep, ClusterRecord, Transition as Finished } from '@cotton/core';

/** Those that are over, newest first. */
export function finishedViews(record: ClusterRecord): Transition[] {
  return record.transitions
    .filter((one) => isOver(record, one))
    .map(finishedView)
    .toReversed();
}

/** A switchover is decided before its target has opened. */
export function isOver({ epoch, openedAtMs }: ClusterRecord, { kind, outcome, ...ended }: Finished): boolean {
  return kind !== 'switchover' || outcome !== 'ok' || ended.epoch !== epoch || openedAtMs !== null;
}

export function finishedView(transition: Finished): Transition {
  const { startedAtMs, endedAtMs, steps, ...rest } = transition;
  return {
    ...rest,
    started_at: timeOf(startedAtMs),
    ended_at: timeOf(endedAtMs),
    steps: steps.map(stepView),
  };
}

/** The election or switchover that is not over yet, or null. */
export function inProgressView(record: ClusterRecord): Transition | null {
  const { election, switchover, primary } = record;
  if (switchover)
    return running(record, switchover, {
      kind: 'switchover',
      cause: 'asked for',
      detail: '',
      from: primary?.instance ?? null,
      to: switchover.to,
    });
  if (!election) return openingView(record);
  return running(record, election, {
    kind: election.deposed ? 'failover' : 'formation',
    cause: election.cause,
    detail: election.waived ?? '',
    from: election.deposed?.instance ?? null,
    to: primary?.instance ?? null,
  });
}

function openingView(record: ClusterRecord): Transition | null {
  const last = record.transitions.at(-1);
  return last && !isOver(record, last) ? running(record, last, finishedView(last)) : null;
}

function running(
  { epoch }: ClusterRecord,
  { id, startedAtMs, steps }: { id: string; startedAtMs: number; steps: AuditStep[] },
  { kind, cause, detail, from, to }: Pick<Transition, 'kind' | 'cause' | 'detail' | 'from' | 'to'>,
): Transition {
  return {
    kind,
    cause,
    detail,
    from,
    to,
    id,
    outcome: 'running',
    epoch,
    started_at: timeOf(startedAtMs),
    ended_at: null,
    steps: steps.map(stepView),
  };
}

function stepView({ step, atMs }: AuditStep): Transition['steps'][number] {
  return { step, at: timeOf(atMs) };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
