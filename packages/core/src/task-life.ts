/** How Mesos' status updates change an instance. Pure; task states are named as in mesos.proto (`TaskState`). */
import { taskId } from './identity.ts';
import type { ClusterRecord, Instance, TaskState } from './record.ts';

export interface TaskUpdate {
  taskId: string;
  agentId: string | null;
  /** `TASK_RUNNING`, `TASK_FAILED`, … */
  state: string;
  reason: string;
  message: string;
  /** Set only by an executor's own updates: proof that an executor stood on the volume. */
  fromExecutor: boolean;
}

const LIVE: Readonly<Record<string, TaskState>> = {
  TASK_STAGING: 'staging',
  TASK_STARTING: 'starting',
  TASK_RUNNING: 'running',
  TASK_KILLING: 'killing',
  // The master lost sight of the agent (LOST comes in spite of PARTITION_AWARE, UNKNOWN from reconciliation).
  // The task may well be alive: only its own volume, offered again, proves that it is not.
  TASK_UNREACHABLE: 'unreachable',
  TASK_LOST: 'unreachable',
  TASK_UNKNOWN: 'unreachable',
};

/** Of an agent that its operator marked gone. */
const GONE = 'TASK_GONE_BY_OPERATOR';

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 60_000;
/** A task that ran this long was healthy: its end starts a new row of failures. */
const STABLE_AFTER_MS = 60_000;
const MESSAGE_MAX = 1_000;

/** The task that it has, or the last one that it had. */
export function lastTaskId({ uid }: ClusterRecord, { id, task, attempts }: Instance): string {
  return task?.id ?? taskId(uid, id, attempts);
}

/**
 * Whose task this is. Between two tasks an instance hears only that its agent is gone, and with it its volume: Mesos
 * says so of any task id, when asked.
 */
export function concernedBy(record: ClusterRecord, update: TaskUpdate): Instance | undefined {
  const hears = (i: Instance): boolean => i.task !== null || (i.home !== null && update.state === GONE);
  return record.instances.find((i) => hears(i) && lastTaskId(record, i) === update.taskId);
}

/**
 * The record after `update`, or the same object when it says nothing new. Updates of tasks that are not the
 * instance's current one are ignored, also a TASK_RUNNING that follows a terminal state (seen on a real agent).
 */
export function applyTaskUpdate(record: ClusterRecord, update: TaskUpdate, nowMs: number): ClusterRecord {
  const instance = concernedBy(record, update);
  if (!instance) return record;
  const live = LIVE[update.state];
  const isOver = !live || (update.state === 'TASK_UNKNOWN' && mayForget(instance));
  const changed = isOver
    ? ended(instance, update, nowMs)
    : givenUpIfLost(record, alive(instance, live, update, nowMs));
  return changed === instance
    ? record
    : { ...record, instances: record.instances.map((i) => (i === instance ? changed : i)) };
}

function alive(instance: Instance, state: TaskState, update: TaskUpdate, nowMs: number): Instance {
  const { task, home } = instance;
  if (!task) return instance;
  const message = update.message.slice(0, MESSAGE_MAX);
  const seeded = home !== null && (home.seeded || update.fromExecutor);
  const awaySinceMs = state === 'unreachable' ? (instance.awaySinceMs ?? nowMs) : null;
  if (
    task.state === state &&
    task.message === message &&
    home?.seeded === seeded &&
    instance.awaySinceMs === awaySinceMs
  )
    return instance;
  return { ...instance, awaySinceMs, home: home && { ...home, seeded }, task: { ...task, state, message } };
}

/**
 * Before the first epoch nobody holds anything acknowledged: instead of a launch that is out of sight and never reported,
 * another instance starts elsewhere. Under its own name it must not: both executors might come up.
 */
function givenUpIfLost({ phase }: ClusterRecord, instance: Instance): Instance {
  const { task, home } = instance;
  const isLost = phase === 'forming' && task?.state === 'unreachable' && !home?.seeded;
  return isLost ? { ...instance, intent: 'remove' } : instance;
}

/**
 * The master knows neither task nor agent. A task that was only launched: its ACCEPT was lost. One of an instance that
 * is to go: its agent came back under another id or not at all; its volume is still waited for.
 */
function mayForget({ task, intent }: Instance): boolean {
  return task?.state === 'launching' || (intent === 'remove' && task?.state === 'unreachable');
}

function ended(instance: Instance, update: TaskUpdate, nowMs: number): Instance {
  const { task, home } = instance;
  const expected = task?.state === 'killing' || instance.intent === 'remove';
  const wasStable = task !== null && nowMs - task.startedAtMs >= STABLE_AFTER_MS;
  const failures = expected ? 0 : wasStable ? 1 : instance.failures + 1;
  const gone = update.state === GONE;
  return {
    ...instance,
    task: null,
    // One without data is free to start elsewhere; what was reserved for it here is known, and given back.
    home: gone ? null : home,
    intent: gone ? 'remove' : instance.intent,
    failures,
    retryAtMs: nowMs + retryDelayMs(failures),
    lastFailure: expected ? '' : `${update.state} ${update.reason}: ${update.message}`.slice(0, MESSAGE_MAX),
    awaySinceMs: home?.seeded ? (instance.awaySinceMs ?? nowMs) : null,
  };
}

function retryDelayMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (failures - 1));
}
