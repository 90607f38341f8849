/** Waiting for a cluster to get somewhere. */
import { ApiError, type ClusterDetail, CLUSTER_STATES } from '@cotton/api';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from './context.ts';
import { CliError } from './error.ts';
import { printable, takesWrites } from './text.ts';

/** ready: HEALTHY. writable: a primary takes writes. deleted: nothing is left. Or the name of a state. */
export type Goal = 'ready' | 'writable' | 'deleted' | ClusterDetail['state'];

const POLL_MS = 500;

export interface WaitOptions {
  goal: Goal;
  timeoutMs: number;
  /** Wait for this very cluster: another one of the same name counts as its deletion. */
  uid?: string;
}

export function parseGoal(text: string): Goal {
  const lower = text.toLowerCase();
  if (lower === 'ready' || lower === 'writable' || lower === 'deleted') return lower;
  const state = CLUSTER_STATES.find((name) => name === text.toUpperCase());
  if (state) return state;
  const states = CLUSTER_STATES.join(', ');
  throw new CliError(
    'usage',
    `Cannot wait for ${JSON.stringify(text)}: use ready, writable, deleted, ${states}`,
  );
}

/**
 * Asks until the goal is reached; the cluster then, or undefined once it is gone.
 * @throws CliError timeout; not_found when the cluster vanishes on the way to another goal
 */
export async function waitFor(
  context: Context,
  name: string,
  { goal, timeoutMs, uid }: WaitOptions,
): Promise<ClusterDetail | undefined> {
  const api = context.api();
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([context.terminal.signal, deadline]);
  const tell = teller(context);
  let identity = uid;
  let last = 'no answer yet';
  try {
    for (;;) {
      const cluster = await find(() => api.get(name, { signal }), identity);
      if (!cluster && goal === 'deleted') return undefined;
      if (!cluster)
        throw new CliError('not_found', `Cluster ${name} does not exist${identity ? ' any more' : ''}`);
      identity ??= cluster.uid;
      if (isReached(cluster, goal)) return cluster;
      last = tell(`${cluster.state}  ${cluster.reason}`);
      await sleep(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    if (context.terminal.signal.aborted) throw new CliError('interrupted', 'Interrupted', { cause: error });
    if (!deadline.aborted) throw error;
    throw new CliError('timeout', `${name} is not ${goal} after ${timeoutMs / 1000} s: ${last}`, {
      cause: error,
    });
  }
}

/** Tells each new line once, with the time since the start. */
export function teller(context: Context): (line: string) => string {
  const startedAt = Date.now();
  let told = '';
  return (text) => {
    const line = printable(text);
    if (line !== told) context.progress(`[${((Date.now() - startedAt) / 1000).toFixed(1)} s] ${line}`);
    told = line;
    return line;
  };
}

async function find(
  get: () => Promise<ClusterDetail>,
  uid: string | undefined,
): Promise<ClusterDetail | undefined> {
  try {
    const cluster = await get();
    return uid === undefined || cluster.uid === uid ? cluster : undefined;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'cluster_not_found') return undefined;
    throw error;
  }
}

function isReached(cluster: ClusterDetail, goal: Goal): boolean {
  switch (goal) {
    case 'ready':
      return cluster.state === 'HEALTHY' && cluster.members_running === cluster.num_nodes;
    case 'writable':
      return takesWrites(cluster);
    case 'deleted':
      return false;
    default:
      return cluster.state === goal;
  }
}
