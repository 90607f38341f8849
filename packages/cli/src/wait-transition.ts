/** Waiting for an election or a switchover to be over. */
import { ApiError, type ClusterDetail, type TransitionStarted } from '@cotton/api';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from './context.ts';
import { CliError } from './error.ts';
import { teller } from './wait.ts';

const POLL_MS = 200;

/** The cluster when it is over. @throws CliError timeout, not_found */
export async function waitForTransition(
  context: Context,
  { transition: id, name, uid }: TransitionStarted,
  timeoutMs: number,
): Promise<ClusterDetail> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([context.terminal.signal, deadline]);
  const tell = teller(context);
  let last = 'no answer yet';
  try {
    for (;;) {
      const cluster = await context.api().get(name, { signal });
      if (cluster.uid !== uid) throw new CliError('not_found', `Cluster ${name} does not exist any more`);
      if (cluster.in_progress?.id !== id) return cluster;
      const step = cluster.in_progress.steps.at(-1)?.step ?? 'begun';
      last = tell(`${cluster.state}  ${step}  ${cluster.reason}`);
      await sleep(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    if (error instanceof ApiError && error.code === 'cluster_not_found') throw error;
    if (context.terminal.signal.aborted) throw new CliError('interrupted', 'Interrupted', { cause: error });
    if (!deadline.aborted) throw error;
    throw new CliError('timeout', `It goes on after ${timeoutMs / 1000} s: ${last}`, { cause: error });
  }
}
