/** The one cluster that all rounds torment, as its users and operators see it. */
import type { ClusterDetail, MemberView } from '@cotton/api';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../load/signpost.ts';
import type { Account } from '../load/sql.ts';
import type { Lab } from './lab.ts';

export interface Cluster {
  name: string;
  url: string;
  account: Account;
}

const USER = 'chaos';
const POLL_MS = 150;
const STATUS_LIMIT_MS = 1_500;

export async function createCluster(lab: Lab, name: string, nodes: number): Promise<Cluster> {
  const made = await lab.api.create(name, {
    cluster_user: USER,
    num_nodes: nodes,
    size: { cpus: 0.4, mem: '512mb', disk: '1gb' },
  });
  return { name, url: made.cluster_url, account: { user: USER, password: made.cluster_password } };
}

/** HEALTHY, with all members that were asked for. @throws after the limit, with what the API said last */
export async function untilHealthy(
  lab: Lab,
  name: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<ClusterDetail> {
  const deadline = performance.now() + limitMs;
  let last = 'no scheduler answers';
  for (;;) {
    signal.throwIfAborted();
    const cluster = await lab.api.get(name).catch((error: unknown) => {
      last = (error as Error).message;
      return undefined;
    });
    if (cluster && isHealthy(cluster)) return cluster;
    if (cluster) last = `${cluster.state}: ${cluster.reason}`;
    if (performance.now() > deadline)
      throw new Error(`${name} is not HEALTHY after ${Math.round(limitMs / 1000)} s: ${last}`);
    await sleep(POLL_MS);
  }
}

function isHealthy({ state, members, num_nodes, primary }: ClusterDetail): boolean {
  return state === 'HEALTHY' && members.length === num_nodes && primary !== null;
}

export function placeOf({ id, host, port }: MemberView): Place {
  if (host === null || port === null) throw new Error(`${id} has no address`);
  return { host, port };
}

export function primaryOf(cluster: ClusterDetail): MemberView {
  const primary = cluster.members.find(({ id }) => id === cluster.primary);
  if (!primary) throw new Error(`${cluster.name} has no primary: ${cluster.reason}`);
  return primary;
}

/** What an executor says of its mysqld; undefined when it does not answer. */
export async function executedOn({ host, http_port }: MemberView): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://${host}:${http_port}/status`, {
      signal: AbortSignal.timeout(STATUS_LIMIT_MS),
    });
    const { gtid_executed } = (await answer.json()) as { gtid_executed?: string | null };
    return gtid_executed ?? undefined;
  } catch {
    return undefined;
  }
}
