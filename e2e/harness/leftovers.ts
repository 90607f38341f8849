/** What a deleted cluster must not leave anywhere. */
import { parseZkUrl, ZooKeeper } from '@cotton/zookeeper';
import { connect } from 'node:net';
import type { MemberProcesses, TestCluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import { readAgents, readLiveTasks, workDirOf } from './mesos-view.ts';
import type { Stack } from './stack.ts';

/**
 * Everything of a cluster that can still be found: reservations and tasks at Mesos, volumes and processes on agents
 * (where there is a shell), ZooKeeper nodes, listening ports.
 * @param processes the members as they were before the deletion
 */
export async function leftoversOf(
  stack: Stack,
  cluster: TestCluster,
  processes: MemberProcesses[],
): Promise<string[]> {
  const found = await Promise.all([
    reservations(stack, cluster),
    tasks(stack, cluster),
    volumes(stack, cluster),
    runningProcesses(stack, processes),
    nodes(stack, cluster),
    openPorts(processes),
  ]);
  return found.flat();
}

/** Mesos tells the scheduler and the world at different moments, so this looks more than once. */
export async function untilNothingLeft(
  stack: Stack,
  cluster: TestCluster,
  processes: MemberProcesses[],
): Promise<void> {
  await eventually(
    `nothing is left of ${cluster.name}`,
    async () => {
      const left = await leftoversOf(stack, cluster, processes);
      if (left.length > 0) throw new Error(left.join('; '));
    },
    30_000,
  );
}

async function reservations(stack: Stack, { uid }: TestCluster): Promise<string[]> {
  const agents = await readAgents(stack);
  // Its labels and volume ids hold the uid.
  const holding = agents.filter((agent) => JSON.stringify(agent.reserved_resources_full).includes(uid));
  return holding.map(({ hostname }) => `a reservation on ${hostname}`);
}

async function tasks(stack: Stack, { uid }: TestCluster): Promise<string[]> {
  const live = await readLiveTasks(stack);
  return live.filter(({ id }) => id.includes(uid)).map(({ id, state }) => `task ${id} ${state}`);
}

async function volumes(stack: Stack, { uid }: TestCluster): Promise<string[]> {
  const { shell } = stack.mesos;
  if (!shell) return [];
  const agents = await readAgents(stack);
  const found = agents.map(async (agent) => {
    const root = `${await workDirOf(stack, agent)}/volumes`;
    return shell.run(agent.hostname, `find '${root}' -maxdepth 3 -name '${uid}*' 2>/dev/null`);
  });
  return (await Promise.all(found)).filter(Boolean).map((path) => `volume ${path}`);
}

async function runningProcesses(stack: Stack, processes: MemberProcesses[]): Promise<string[]> {
  const { shell } = stack.mesos;
  if (!shell) return [];
  const found = processes.flatMap(({ host, member, mysqldPid, executorPid }) =>
    [mysqldPid, executorPid].map(async (pid) =>
      (await shell.isRunning(host, pid)) ? [`process ${pid} of ${member.id}`] : [],
    ),
  );
  return (await Promise.all(found)).flat();
}

async function nodes(stack: Stack, { uid, name }: TestCluster): Promise<string[]> {
  const mine = [...(await dumpZooKeeper(stack)).keys()].filter(
    (path) => path.includes(uid) || path.endsWith(`/discover/${name}`),
  );
  return mine.map((path) => `node ${path}`);
}

/** Every node under the stack's path, with its raw bytes. */
export async function dumpZooKeeper(stack: Stack): Promise<Map<string, Buffer>> {
  const { path: root, ...location } = parseZkUrl(stack.zkUrl);
  const zookeeper = await ZooKeeper.connect({ ...location, sessionTimeoutMs: 10_000 });
  const found = new Map<string, Buffer>();
  const visit = async (path: string): Promise<void> => {
    const node = await zookeeper.get(path);
    if (node) found.set(path, node.data);
    for (const child of (await zookeeper.children(path)) ?? []) await visit(`${path}/${child}`);
  };
  try {
    await visit(root);
    return found;
  } finally {
    await zookeeper.close();
  }
}

async function openPorts(processes: MemberProcesses[]): Promise<string[]> {
  const found = processes.flatMap(({ host, member }) =>
    [member.port, member.http_port].map(async (port) =>
      port !== null && (await isOpen(host, port)) ? [`${host}:${port} of ${member.id} is open`] : [],
    ),
  );
  return (await Promise.all(found)).flat();
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const answer = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}
