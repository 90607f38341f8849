/** How Mesos' status updates change an instance. Pure; task states are named as in mesos.proto (`TaskState`). */
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

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 60_000;
/** A task that ran this long was healthy: its end starts a new row of failures. */
const STABLE_AFTER_MS = 60_000;
const MESSAGE_MAX = 1_000;

/**
 * The record after `update`, or the same object when it says nothing new. Updates of tasks that are not the
 * instance's current one are ignored, also a TASK_RUNNING that follows a terminal state (seen on a real agent).
 */
export function applyTaskUpdate(record: ClusterRecord, update: TaskUpdate, nowMs: number): ClusterRecord {
  const instance = record.instances.find((i) => i.task?.id === update.taskId);
  if (!instance?.task) return record;
  const live = LIVE[update.state];
  const changed = live ? alive(instance, live, update, nowMs) : ended(instance, update, nowMs);
  return changed === instance
    ? record
    : { ...record, instances: record.instances.map((i) => (i === instance ? changed : i)) };
}

function alive(instance: Instance, state: TaskState, update: TaskUpdate, nowMs: number): Instance {
  const { task, home } = instance;
  if (!task || (update.state === 'TASK_UNKNOWN' && mayForget(instance)))
    return ended(instance, update, nowMs);
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
  const gone = update.state === 'TASK_GONE_BY_OPERATOR';
  return {
    ...instance,
    task: null,
    // Nothing was ever written there, or it will never come back: free to start elsewhere.
    home: home?.seeded && !gone ? home : instance.intent === 'remove' && !gone ? home : null,
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
