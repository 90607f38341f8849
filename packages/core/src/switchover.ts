/**
 * Planned switchover: the primary closes and says what it has, the target applies all of that, then one write opens
 * the next epoch. Until that write everything can be taken back, and at the deadline it is.
 */
import type { Voter } from './documents.ts';
import { rank } from './ballot.ts';
import { addTransition, openEpoch, startElection } from './election.ts';
import { isSettled, votersOf } from './electorate.ts';
import type { Observation } from './evidence.ts';
import { acknowledges, incarnationOf, isAbsent, isInEpoch, leadOf, statusOf, voterOf } from './evidence.ts';
import { lossOf } from './loss.ts';
import type { ClusterRecord, Switchover, Transition } from './record.ts';
import { ackCountOf } from './record.ts';

export interface SwitchoverRequest {
  /** undefined: the best of those that may. */
  to: string | undefined;
  deadlineMs: number;
  graceMs: number;
  /** Also to a member that lags. */
  despiteObstacles: boolean;
}

export type SwitchoverAnswer = { ok: true; record: ClusterRecord } | { ok: false; reason: string };

/** Begins a switchover, or says why it cannot begin. */
export function beginSwitchover(
  record: ClusterRecord,
  { to, deadlineMs, graceMs, despiteObstacles }: SwitchoverRequest,
  seen: Observation,
): SwitchoverAnswer {
  const refused = (reason: string): SwitchoverAnswer => ({ ok: false, reason });
  const { primary } = record;
  if (record.phase !== 'steady' || !primary || !leadOf(record, seen))
    return refused('there is no open primary to take over from');
  if (to === primary.instance) return refused(`${to} is the primary already`);
  if (to !== undefined && !record.instances.some((i) => i.id === to)) return refused(`there is no ${to}`);
  if (!isSettled(record)) return refused('the set of in-sync replicas is changing; try again in a moment');
  const able = votersOf(record)
    .filter((v) => acknowledges(record, v, primary.instance, seen) && isPromotable(record, v.instance))
    .map((v) => v.instance)
    .sort((a, b) => rank(record, a) - rank(record, b));
  const target = to ?? able.find((id) => !lags(record, id, seen)) ?? able[0];
  if (target === undefined) return refused('no replica is in sync and may be promoted');
  if (!able.includes(target)) return refused(`${target} is not in sync, or may not be promoted`);
  if (lags(record, target, seen) && !despiteObstacles) return refused(behind(target));
  const switchover: Switchover = {
    id: `${record.uid}-s${record.epoch + 1}-${seen.nonce}`,
    to: target,
    startedAtMs: seen.nowMs,
    deadlineAtMs: seen.nowMs + deadlineMs,
    graceMs,
    steps: [{ step: 'began', atMs: seen.nowMs }],
    handedOver: null,
  };
  return { ok: true, record: { ...record, phase: 'switching', switchover } };
}

function isPromotable(record: ClusterRecord, id: string): boolean {
  const instance = record.instances.find((i) => i.id === id);
  return instance?.intent === 'run' && record.spec.promotion[id] !== 'never';
}

/** The target's own word: sets of GTIDs that two members told at different moments differ by much under any load. */
function lags(record: ClusterRecord, id: string, seen: Observation): boolean {
  return statusOf(record, id, seen)?.replication?.lags === true;
}

function behind(target: string): string {
  const why = `${target} is seconds behind in applying what it receives, and all writers would wait for it`;
  return `${why}; try again once it has caught up. despite_obstacles begins it all the same.`;
}

export function continueSwitchover(record: ClusterRecord, seen: Observation): ClusterRecord {
  const { switchover, primary } = record;
  if (!switchover || !primary) return startElection(record, 'there is no primary', seen);
  const loss = lossOf(record, primary, seen);
  if (loss) {
    const ended = endSwitchover(record, switchover, 'rolled_back', loss, seen);
    return record.spec.hold ? ended : startElection(ended, `${loss} during a switchover`, seen);
  }
  const obstacle = obstacleTo(record, switchover, primary.instance, seen);
  if (obstacle) return endSwitchover(record, switchover, 'rolled_back', obstacle, seen);
  const status = statusOf(record, primary.instance, seen);
  const closed =
    status && isInEpoch(record, status) && status.handedOver?.id === switchover.id
      ? status.handedOver.executed
      : undefined;
  if (switchover.handedOver === null)
    return closed === undefined ? record : noteClosed(record, switchover, closed, seen);
  const reached = statusOf(record, switchover.to, seen)?.reached === switchover.handedOver;
  return reached ? takeOver(record, switchover, switchover.handedOver, seen) : record;
}

function obstacleTo(
  record: ClusterRecord,
  { to, deadlineAtMs }: Switchover,
  primary: string,
  seen: Observation,
): string | undefined {
  if (seen.nowMs >= deadlineAtMs) return 'it was not done by its deadline';
  const voter = votersOf(record).find((v) => v.instance === to);
  if (!voter || !isPromotable(record, to)) return `${to} may no longer be promoted`;
  const isGone = statusOf(record, to, seen)
    ? !acknowledges(record, voter, primary, seen)
    : isAbsent(record, to, seen);
  return isGone ? `${to} no longer follows ${primary}` : undefined;
}

function noteClosed(
  record: ClusterRecord,
  switchover: Switchover,
  handedOver: string,
  seen: Observation,
): ClusterRecord {
  const steps = [...switchover.steps, { step: 'closed', atMs: seen.nowMs }];
  return { ...record, switchover: { ...switchover, handedOver, steps } };
}

/**
 * The old primary is closed and has said what it has, the target has all of it. Crash before this write: rolled back
 * or repeated. After it the old primary can never open again in its epoch.
 */
function takeOver(
  record: ClusterRecord,
  switchover: Switchover,
  elected: string,
  seen: Observation,
): ClusterRecord {
  const instance = record.instances.find((i) => i.id === switchover.to);
  const winner = instance && incarnationOf(instance, statusOf(record, instance.id, seen));
  const voters = siblingsOf(record, switchover.to, seen);
  const wanted = ackCountOf(record.spec);
  if (!winner || voters.length < wanted)
    return endSwitchover(record, switchover, 'rolled_back', 'too few replicas would be left in sync', seen);
  const next = { ...record, epoch: record.epoch + 1, epochId: seen.nonce };
  const opened = openEpoch(next, winner, elected, wanted > 0 ? voters : [], wanted);
  return endSwitchover(opened, switchover, 'ok', '', seen, record.primary?.instance ?? null);
}

function siblingsOf(record: ClusterRecord, target: string, seen: Observation): Voter[] {
  const primary = record.primary?.instance ?? '';
  const others = votersOf(record).filter(
    (v) => v.instance !== target && acknowledges(record, v, primary, seen) && runs(record, v.instance),
  );
  const old = voterOf(statusOf(record, primary, seen));
  return old && runs(record, primary) ? [...others, old] : others;
}

function runs(record: ClusterRecord, id: string): boolean {
  return record.instances.some((i) => i.id === id && i.intent === 'run');
}

function endSwitchover(
  record: ClusterRecord,
  switchover: Switchover,
  outcome: Transition['outcome'],
  detail: string,
  seen: Observation,
  from: string | null = record.primary?.instance ?? null,
): ClusterRecord {
  const { id, to, startedAtMs, steps } = switchover;
  return addTransition(
    { ...record, phase: 'steady', switchover: null },
    {
      id,
      kind: 'switchover',
      epoch: record.epoch,
      cause: 'asked for',
      outcome,
      detail,
      from,
      to,
      startedAtMs,
      endedAtMs: seen.nowMs,
      steps: [...steps, { step: outcome === 'ok' ? 'decided' : outcome, atMs: seen.nowMs }],
    },
  );
}
