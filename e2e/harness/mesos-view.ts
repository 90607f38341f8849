/** What a Mesos master says of agents and tasks, by its own HTTP. */
import type { Stack } from './stack.ts';
import { masterUrl, mesosHeaders } from './stack.ts';

export interface AgentView {
  id: string;
  hostname: string;
  /** `slave(1)@ip:port` */
  pid: string;
  active: boolean;
  /** By role. */
  reserved_resources_full: Record<string, unknown[]>;
}

export interface TaskView {
  id: string;
  state: string;
  slave_id: string;
}

export async function readAgents(stack: Stack): Promise<AgentView[]> {
  const { slaves } = (await readMaster(stack, '/slaves')) as { slaves: AgentView[] };
  return slaves.filter(({ active }) => active);
}

/** All of `GET /state`: everything that anybody who reaches the master can read. */
export function readState(stack: Stack): Promise<unknown> {
  return readMaster(stack, '/state');
}

/** Tasks of our framework that have not ended, also on agents that are away. */
export async function readLiveTasks(stack: Stack): Promise<TaskView[]> {
  const { mesos } = await stack.client.list();
  const { frameworks } = (await readState(stack)) as {
    frameworks: { id: string; tasks: TaskView[]; unreachable_tasks: TaskView[] }[];
  };
  const ours = frameworks.find(({ id }) => id === mesos.framework_id);
  return ours ? [...ours.tasks, ...ours.unreachable_tasks] : [];
}

/** An agent's work directory, as its own flags say. */
export async function workDirOf(stack: Stack, agent: AgentView): Promise<string> {
  const address = agent.pid.split('@')[1];
  const answer = await fetch(`http://${address}/state`, { headers: await mesosHeaders(stack.options) });
  const { flags } = (await answer.json()) as { flags: { work_dir: string } };
  return flags.work_dir;
}

async function readMaster(stack: Stack, path: string): Promise<unknown> {
  const answer = await fetch(`${await masterUrl(stack)}${path}`, {
    headers: await mesosHeaders(stack.options),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`the master answers ${answer.status} to ${path}`);
  return answer.json();
}
