/** Clusters as their users see them. */
import type { ClusterDetail, MemberView } from '@cotton/api';
import { ApiError } from '@cotton/api';
import { mustSucceed } from './cli.ts';
import { eventually } from './eventually.ts';
import type { Stack } from './stack.ts';

export interface TestCluster {
  name: string;
  uid: string;
  /** Discovery: `zk://…/discover/<name>`. */
  url: string;
  user: string;
  password: string;
}

/** Small, because the two cores of the smallest machine run all of it. */
const SIZE = ['--cpus', '0.4', '--mem', '512mb', '--disk', '1gb'];
const USER = 'tenant';

/** `cotton create`; the cluster is not ready yet. */
export async function createCluster(stack: Stack, name: string, nodes: number): Promise<TestCluster> {
  const args = ['create', name, '--user', USER, '--num-nodes', String(nodes), ...SIZE, '--json'];
  const made = JSON.parse(await mustSucceed(stack.cotton(args))) as {
    uid: string;
    cluster_url: string;
    cluster_password: string;
  };
  return { name, uid: made.uid, url: made.cluster_url, user: USER, password: made.cluster_password };
}

export async function createHealthy(stack: Stack, name: string, nodes: number): Promise<TestCluster> {
  const cluster = await createCluster(stack, name, nodes);
  await untilHealthy(stack, name);
  return cluster;
}

/** HEALTHY, with all members that were asked for. */
export function untilHealthy(stack: Stack, name: string): Promise<ClusterDetail> {
  return eventually(
    `${name} is HEALTHY`,
    async () => {
      const cluster = await stack.client.get(name);
      if (cluster.state === 'HEALTHY' && cluster.members.length === cluster.num_nodes) return cluster;
      throw new Error(`${cluster.state}: ${cluster.reason}`);
    },
    150_000,
  );
}

/** Until the API answers 404: nothing is left, says the scheduler. */
export function untilGone(stack: Stack, name: string, limitMs?: number): Promise<void> {
  return eventually(
    `${name} is gone`,
    async () => {
      const found = await stack.client.get(name).catch((error: unknown) => {
        if (error instanceof ApiError && error.code === 'cluster_not_found') return undefined;
        throw error;
      });
      if (found) throw new Error(`${found.state}: ${found.reason}`);
    },
    limitMs,
  );
}

export async function deleteCluster(stack: Stack, name: string): Promise<void> {
  await mustSucceed(stack.cotton(['delete', name, '--yes']));
}

/** What an executor says of itself at `GET /status`. */
export interface ExecutorStatus {
  mysqld_pid: number | null;
  executor_pid: number;
  incarnation?: number;
}

export async function executorStatus(member: MemberView): Promise<ExecutorStatus> {
  const answer = await fetch(`http://${member.host}:${member.http_port}/status`, {
    signal: AbortSignal.timeout(5_000),
  });
  return (await answer.json()) as ExecutorStatus;
}

/** A member as the API shows it, with its processes. */
export interface MemberProcesses {
  member: MemberView;
  host: string;
  mysqldPid: number;
  executorPid: number;
}

export async function processesOf(member: MemberView): Promise<MemberProcesses> {
  const { mysqld_pid: mysqldPid, executor_pid: executorPid } = await executorStatus(member);
  if (member.host === null || !mysqldPid) throw new Error(`${member.id} runs no mysqld`);
  return { member, host: member.host, mysqldPid, executorPid };
}

export function primaryOf(cluster: ClusterDetail): MemberView {
  const primary = cluster.members.find(({ id }) => id === cluster.primary);
  if (!primary) throw new Error(`${cluster.name} has no primary: ${cluster.reason}`);
  return primary;
}

export function replicasOf(cluster: ClusterDetail): MemberView[] {
  return cluster.members.filter(({ role }) => role === 'replica');
}
