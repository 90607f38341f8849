/** Clusters as a user sees them: over the API and MySQL's port. */
import type { ApiClient, ClusterDetail } from '@cotton/api';
import { ApiError } from '@cotton/api';
import type { Account, Place } from '@cotton/chaos';
import { until } from '@cotton/setup';

export interface BenchCluster {
  api: ApiClient;
  name: string;
  account: Account;
  /** From POST to HEALTHY. */
  readyMs: number;
}

/** What an executor's `GET /status` tells about its processes. */
export interface MemberProcesses {
  executor_pid: number;
  mysqld_pid: number;
}

const USER = 'bench';
const LIMIT_MS = 180_000;

export async function createCluster(api: ApiClient, name: string): Promise<BenchCluster> {
  const started = performance.now();
  const { cluster_password: password } = await api.create(name, {
    cluster_user: USER,
    num_nodes: 3,
    size: { cpus: 0.5, mem: '512mb', disk: '1gb' },
  });
  await waitUntilHealthy(api, name);
  const readyMs = performance.now() - started;
  return { api, name, account: { user: USER, password }, readyMs };
}

/** @throws when it takes longer than three minutes */
export async function waitUntilHealthy(api: ApiClient, name: string): Promise<void> {
  await until(async () => (await api.get(name)).state === 'HEALTHY', {
    limitMs: LIMIT_MS,
    what: `${name} is healthy`,
  });
}

export async function deleteCluster({ api, name, account }: BenchCluster): Promise<void> {
  await api.delete(name, account.password);
  const gone = (error: unknown): boolean => error instanceof ApiError && error.code === 'cluster_not_found';
  const isGone = (): Promise<boolean> =>
    api.get(name).then(
      () => false,
      (error: unknown) => (gone(error) ? true : Promise.reject(error)),
    );
  await until(isGone, { limitMs: LIMIT_MS, what: `${name} is gone` });
}

/** Where its primary listens. @throws when it has none */
export function primaryOf({ name, reason, members, primary }: ClusterDetail): Place {
  const [place] = placesOf({ members: members.filter(({ id }) => id === primary) });
  if (!place) throw new Error(`${name} has no primary: ${reason}`);
  return place;
}

/** Where its members listen, as far as they do. */
export function placesOf({ members }: Pick<ClusterDetail, 'members'>): Place[] {
  return members.flatMap(({ host, port }) => (host && port ? [{ host, port }] : []));
}

/** The processes of the member that is primary, and of all. */
export async function processesOf({
  api,
  name,
}: BenchCluster): Promise<{ primary: MemberProcesses; all: MemberProcesses[] }> {
  const cluster = await api.get(name);
  const processes = await Promise.all(
    cluster.members.map(async ({ host, http_port }) => {
      const answer = await fetch(`http://${host}:${http_port}/status`, {
        signal: AbortSignal.timeout(5_000),
      });
      return (await answer.json()) as MemberProcesses;
    }),
  );
  const primary = processes[cluster.members.findIndex((member) => member.id === cluster.primary)];
  if (!primary) throw new Error(`${name} has no primary`);
  return { primary, all: processes };
}
