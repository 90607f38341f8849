/** What people are told about a cluster: one word, one reason, and its members. */
import { countBallot } from './ballot.ts';
import type { ErrantSlice } from './documents.ts';
import { currentGeneration, isSettled, votersOf } from './electorate.ts';
import type { Observation } from './evidence.ts';
import { isAttached, statusOf } from './evidence.ts';
import { isWithoutAcknowledgement } from './in-sync.ts';
import { isOutOfSight, lossOf, mayBeAlone } from './loss.ts';
import { openPrimary } from './publish.ts';
import type { ClusterRecord, Instance } from './record.ts';
import { ackCountOf } from './record.ts';

export const CLUSTER_STATES = [
  'CREATING',
  'HEALTHY',
  'DEGRADED',
  'ELECTING',
  'SWITCHING',
  'BLOCKED',
  'DELETING',
] as const;
export type ClusterState = (typeof CLUSTER_STATES)[number];

export const MEMBER_STATES = ['PENDING', 'STARTING', 'RUNNING', 'UNREACHABLE', 'FAILED'] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

export interface MemberView {
  id: string;
  host: string | null;
  port: number | null;
  httpPort: number | null;
  role: 'primary' | 'replica' | 'none';
  state: MemberState;
  /** Its acknowledgements count. */
  inSync: boolean;
  /** Transactions that only it had, saved before its data were replaced. */
  errant: ErrantSlice[];
  agentId: string | null;
  taskId: string | null;
  version: string | null;
  message: string;
}

export interface ClusterView {
  state: ClusterState;
  reason: string;
  members: MemberView[];
}

/** An election that has not found its reports by then is shown as BLOCKED, with whom it waits for. */
export const BLOCKED_AFTER_MS = 3_000;

/** @param waiting why instances that should run do not (from placement), by instance. */
export function viewOf(
  record: ClusterRecord,
  seen: Observation,
  waiting: ReadonlyMap<string, string>,
): ClusterView {
  const members = record.instances.map((i) => memberView(record, i, seen, waiting));
  return { ...stateOf(record, seen, waiting), members };
}

function stateOf(
  record: ClusterRecord,
  seen: Observation,
  waiting: ReadonlyMap<string, string>,
): { state: ClusterState; reason: string } {
  switch (record.phase) {
    case 'deleting':
      return { state: 'DELETING', reason: deletionReason(record) };
    case 'electing':
      return electionState(record, seen);
    case 'switching':
      return { state: 'SWITCHING', reason: switchoverReason(record) };
    case 'forming':
      return { state: 'CREATING', reason: progressReason(record, seen, waiting) };
    case 'steady':
      return steadyState(record, seen, waiting);
  }
}

function switchoverReason({ primary, switchover }: ClusterRecord): string {
  return switchover?.handedOver === null
    ? `${primary?.instance} closes for ${switchover.to}`
    : `${switchover?.to} applies what ${primary?.instance} had`;
}

function steadyState(
  record: ClusterRecord,
  seen: Observation,
  waiting: ReadonlyMap<string, string>,
): { state: ClusterState; reason: string } {
  const missing = shortfall(record, seen, waiting);
  const obstacle = primaryObstacle(record, seen);
  if (record.formedAtMs === null && obstacle?.state !== 'BLOCKED')
    return { state: 'CREATING', reason: progressReason(record, seen, waiting) };
  if (obstacle) return obstacle;
  const { voters = [], ackCount = 0 } = currentGeneration(record) ?? {};
  const { minInSync } = record.spec.durability;
  if (voters.length < ackCount || (minInSync > 0 && isWithoutAcknowledgement(record, seen)))
    return {
      state: 'BLOCKED',
      reason: `min_in_sync is ${minInSync}: ${record.primary?.instance} waits for replicas${missing ? `: ${missing}` : ''}`,
    };
  const durability = durabilityObstacle(record, missing);
  if (durability) return { state: 'DEGRADED', reason: durability };
  const { nodes, hold } = record.spec;
  const notes = [...(hold ? ['automatic failover is on hold'] : []), ...leaving(record)];
  return missing
    ? { state: 'DEGRADED', reason: missing }
    : { state: 'HEALTHY', reason: [`${nodes} of ${nodes} members serve`, ...notes].join('; ') };
}

/** What keeps the primary from being seen open. */
function primaryObstacle(
  record: ClusterRecord,
  seen: Observation,
): { state: ClusterState; reason: string } | undefined {
  const { primary } = record;
  if (!primary || openPrimary(record, seen)) return undefined;
  const loss = lossOf(record, primary, seen);
  if (loss && record.spec.hold) return { state: 'BLOCKED', reason: `${loss}; automatic failover is on hold` };
  if (!loss && record.openedAtMs !== null && !statusOf(record, primary.instance, seen))
    return { state: 'DEGRADED', reason: `${primary.instance} ${outOfSight(record, seen)}` };
  const last = record.transitions.at(-1);
  const isSwitching = !loss && last?.kind === 'switchover' && last.epoch === record.epoch;
  return {
    state: isSwitching ? 'SWITCHING' : 'ELECTING',
    reason: loss ?? `${primary.instance} opens for writes`,
  };
}

function outOfSight(record: ClusterRecord, seen: Observation): string {
  if (!isOutOfSight(record, seen)) return 'has not reported yet since ZooKeeper came back';
  return mayBeAlone(record)
    ? 'is cut off from ZooKeeper; nobody else has all of its transactions, so it is not replaced'
    : 'is cut off from ZooKeeper; its replicas still hear it, so it is not replaced';
}

/** What keeps acknowledged writes from being as safe as they should be. */
function durabilityObstacle(record: ClusterRecord, missing: string): string | undefined {
  const wanted = ackCountOf(record.spec);
  const primary = record.primary?.instance;
  const { ackCount } = currentGeneration(record) ?? { ackCount: 0 };
  if (ackCount < wanted && ackCount === 0)
    return `writes are acknowledged by ${primary} alone${missing ? `: ${missing}` : ''}`;
  if (ackCount !== wanted) return `commits wait for ${ackCount} acknowledgements, not yet for ${wanted}`;
  if (wanted > 0 && !isSettled(record))
    return `${primary} waits for the first write that its replicas acknowledge`;
  return undefined;
}

function electionState(record: ClusterRecord, seen: Observation): { state: ClusterState; reason: string } {
  const cause = record.election?.cause ?? '';
  const ballot = countBallot(record, seen);
  if (ballot.kind === 'incomparable')
    return {
      state: 'BLOCKED',
      reason: `${cause}; ${ballot.members.join(' and ')} hold different transactions`,
    };
  const blocked = seen.nowMs - (record.election?.startedAtMs ?? seen.nowMs) >= BLOCKED_AFTER_MS;
  if (ballot.kind === 'waiting' && blocked)
    return { state: 'BLOCKED', reason: `${cause}; waits for ${ballot.for.join(', ')}` };
  if (ballot.kind === 'won' && blocked)
    return {
      state: 'BLOCKED',
      reason: `${cause}; ${ballot.winner.instance} waits for replicas: min_in_sync is ${record.spec.durability.minInSync}`,
    };
  return { state: 'ELECTING', reason: cause };
}

function progressReason(
  record: ClusterRecord,
  seen: Observation,
  waiting: ReadonlyMap<string, string>,
): string {
  const serving = record.instances.filter((i) => serves(record, i, seen)).length;
  const detail = shortfall(record, seen, waiting);
  return `${serving} of ${record.spec.nodes} members serve${detail ? `: ${detail}` : ''}`;
}

/** What keeps members from serving, or '' when all do. */
function shortfall(record: ClusterRecord, seen: Observation, waiting: ReadonlyMap<string, string>): string {
  const parts = record.instances
    .filter((i) => i.intent === 'run' && !serves(record, i, seen))
    .map((i) => waiting.get(i.id) ?? `${i.id} ${describe(record, i, seen)}`);
  const growing = record.spec.nodes - record.instances.filter((i) => i.intent === 'run').length;
  return [...parts, ...(growing > 0 ? [`${growing} more to come`] : [])].join('; ');
}

/** They may take as long as an agent stays away, and disturb nobody. */
function leaving(record: ClusterRecord): string[] {
  return record.instances.filter((i) => i.intent === 'remove').map((i) => `${i.id} is being removed`);
}

function serves(record: ClusterRecord, instance: Instance, seen: Observation): boolean {
  const primary = openPrimary(record, seen);
  if (!primary) return false;
  if (instance.id === primary.instance) return true;
  return isAttached(record, statusOf(record, instance.id, seen), primary.instance);
}

function describe(record: ClusterRecord, instance: Instance, seen: Observation): string {
  const status = statusOf(record, instance.id, seen);
  if (status) return status.message || `is ${status.mysqld}`;
  if (instance.task) return instance.task.message || `is ${instance.task.state}`;
  return instance.lastFailure || 'waits for an offer';
}

function deletionReason(record: ClusterRecord): string {
  const left = record.instances.map(({ id, task, home }) => {
    const host = home?.hostname ?? '?';
    if (task?.state === 'unreachable') return `agent ${host}, where ${id} is, is away`;
    return task ? `${id} stops` : `the volume of ${id} on ${host} is released when offered`;
  });
  return left.join('; ') || 'done';
}

function memberView(
  record: ClusterRecord,
  instance: Instance,
  seen: Observation,
  waiting: ReadonlyMap<string, string>,
): MemberView {
  const status = statusOf(record, instance.id, seen);
  return {
    id: instance.id,
    host: instance.home?.hostname ?? null,
    port: instance.home?.port ?? null,
    httpPort: instance.home?.httpPort ?? null,
    role: roleOf(record, instance, seen),
    state: memberState(instance),
    inSync: votersOf(record).some((v) => v.instance === instance.id),
    errant: status?.errant ?? [],
    agentId: instance.home?.agentId ?? null,
    taskId: instance.task?.id ?? null,
    version: status?.version ?? null,
    message: waiting.get(instance.id) ?? describe(record, instance, seen),
  };
}

function roleOf(record: ClusterRecord, instance: Instance, seen: Observation): MemberView['role'] {
  if (openPrimary(record, seen)?.instance === instance.id) return 'primary';
  const status = statusOf(record, instance.id, seen);
  return status?.role === 'replica' && instance.id !== record.primary?.instance ? 'replica' : 'none';
}

function memberState(instance: Instance): MemberState {
  if (!instance.task) return instance.failures > 0 ? 'FAILED' : 'PENDING';
  if (instance.task.state === 'unreachable') return 'UNREACHABLE';
  return instance.task.state === 'running' || instance.task.state === 'killing' ? 'RUNNING' : 'STARTING';
}
