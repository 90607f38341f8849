/** The demo cluster of `npm start`: made, or found in a kept state, and brought up. */
import type { ClusterDetail } from '@cotton/api';
import { ApiClient } from '@cotton/api';
import { execa } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, FoundDemo, Say } from './find-demo.ts';
import { DEMO, findOrCreate, POLL_MS } from './find-demo.ts';
import type { Stack } from './stack.ts';

const CLI_LIMIT_MS = 60_000;
const HEALTHY_LIMIT_MS = 180_000;
/** Somebody may have left it with more instances than agents, or on hold: then it never becomes healthy. */
const RESUMED_LIMIT_MS = 60_000;
const ANSWER_MS = 2_000;

export interface Demo extends FoundDemo {
  /** HEALTHY, or what a resumed one is instead. */
  state: string;
  reason: string;
  seconds: number;
  /** A shell command that kills mysqld of the present primary; undefined while there is none. */
  killPrimary: string | undefined;
}

/** Creates the demo cluster, unless a kept state has it, and waits until it is healthy, telling how it comes along. */
export async function bringUpDemo(stack: Stack, say: Say): Promise<Demo> {
  const started = performance.now();
  const api = new ApiClient({ urls: [stack.api] });
  const found = await findOrCreate(api, () => create(stack), say);
  const cluster = found.isResumed
    ? await waitForResumed(api, say)
    : await waitForState(stack.api, 'HEALTHY', say);
  const seconds = (performance.now() - started) / 1000;
  const { state, reason } = cluster;
  return { ...found, state, reason, seconds, killPrimary: killCommand(cluster) };
}

async function create(stack: Stack): Promise<Omit<FoundDemo, 'isResumed'>> {
  const size = ['--cpus', '0.5', '--mem', '512mb', '--disk', '1gb'];
  const answer = await cotton(stack, [
    ...['create', DEMO, '--user', 'demo', '--num_nodes', '3'],
    ...size,
    '--json',
  ]);
  const { uid, cluster_url } = JSON.parse(answer) as { uid: string; cluster_url: string };
  return { uid, clusterUrl: cluster_url };
}

/** Runs the `cotton` command as a user would. @returns its standard output; @throws when it fails */
export async function cotton(stack: Stack, args: string[]): Promise<string> {
  const { stdout } = await execa(stack.cotton, args, { timeout: CLI_LIMIT_MS });
  return stdout;
}

/** Waits for a state of the demo cluster, saying each new reason once. @throws when it takes too long */
export async function waitForState(api: string, wanted: string, say: Say): Promise<ClusterDetail> {
  const isWanted = async ({ state }: ClusterDetail): Promise<boolean> => state === wanted;
  const last = await follow(new ApiClient({ urls: [api] }), isWanted, HEALTHY_LIMIT_MS, say);
  if (last.state !== wanted)
    throw new Error(`${DEMO} did not become ${wanted} in time: ${last.state}: ${last.reason}`);
  return last;
}

/**
 * What it is once it is healthy again, or when time is up: whatever it has become, it can be looked at. Statuses of the
 * last run may still stand in ZooKeeper for a session timeout, so the primary itself is asked as well.
 */
async function waitForResumed(api: Api, say: Say): Promise<ClusterDetail> {
  say(`${DEMO} is kept from an earlier run`);
  const isBack = async (cluster: ClusterDetail): Promise<boolean> =>
    cluster.state === 'HEALTHY' && (await isPrimaryOpen(cluster));
  return follow(api, isBack, RESUMED_LIMIT_MS, say);
}

/** @returns the cluster as it was last seen: as wanted, unless time was up */
async function follow(
  api: Api,
  isThere: (cluster: ClusterDetail) => Promise<boolean>,
  limitMs: number,
  say: Say,
): Promise<ClusterDetail> {
  const deadline = performance.now() + limitMs;
  let told = '';
  for (;;) {
    const cluster = await api.get(DEMO);
    const line = `  ${DEMO} is ${cluster.state}: ${cluster.reason}`;
    if (line !== told) say(line);
    told = line;
    if ((await isThere(cluster)) || performance.now() > deadline) return cluster;
    await sleep(POLL_MS);
  }
}

async function isPrimaryOpen(cluster: ClusterDetail): Promise<boolean> {
  const executor = primaryExecutor(cluster);
  if (executor === undefined) return false;
  try {
    const answer = await fetch(`${executor}/primary`, { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function killCommand(cluster: ClusterDetail): string | undefined {
  const executor = primaryExecutor(cluster);
  if (executor === undefined) return undefined;
  return `kill -9 $(curl -s ${executor}/status | grep -o '"mysqld_pid":[0-9]*' | grep -o '[0-9]*$')`;
}

/** Address of the HTTP of the primary's executor. */
function primaryExecutor({ primary, members }: ClusterDetail): string | undefined {
  const { host, http_port } = members.find((m) => m.id === primary) ?? {};
  return host && http_port ? `http://${host}:${http_port}` : undefined;
}
