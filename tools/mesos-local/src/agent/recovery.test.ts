import { expect, it } from 'vitest';
import { Flags } from '../flags.ts';
import type { KeeperClient } from '../keeper/keeper-client.ts';
import { LeaderDetector } from '../leader-detector.ts';
import type { TaskStatus } from '../messages.ts';
import { Agent } from './agent.ts';
import type { SavedExecutor, SavedTask } from './checkpoint.ts';
import { agentConfig } from './config.ts';
import { recoverExecutors } from './recovery.ts';
import { reportedState } from './report.ts';

const status = (taskId: string, state: string): TaskStatus => ({
  task_id: { value: taskId },
  state,
  uuid: `${taskId} ${state}`,
});

/** All of its updates were acknowledged. */
function savedExecutor(taskId: string, ...states: string[]): SavedExecutor {
  const updates = states.map((state) => status(taskId, state));
  const task: SavedTask = {
    info: { name: taskId, task_id: { value: taskId }, agent_id: { value: 'agent' } },
    updates,
    acknowledged: new Set(updates.map(({ uuid }) => uuid!)),
  };
  const info = { executor_id: { value: `ex-${taskId}` } };
  return { info, containerId: `container of ${taskId}`, ended: false, tasks: [task] };
}

it('keeps what lives beside an executor that ended while the agent was away, also when it finds that one first', () => {
  const keeper = {
    running: new Map([['container of B', 4711]]),
    exited: new Map([['container of A', 0]]),
    forget: () => undefined,
  } as unknown as KeeperClient;
  const config = agentConfig(new Flags(['--master=127.0.0.1:1', '--work_dir=/nonexistent']));
  const agent = new Agent(config, keeper, new LeaderDetector(config.master, config.zkSessionTimeoutMs));
  const executors = [savedExecutor('A', 'TASK_RUNNING', 'TASK_KILLED'), savedExecutor('B', 'TASK_RUNNING')];
  const info = { id: { value: 'f' }, user: 'u', name: 'f', checkpoint: true };
  recoverExecutors(agent, agent.executors, keeper, [{ info, executors }], false);
  const { frameworks, tasks } = reportedState(agent);
  expect(frameworks).toEqual([info]);
  expect(tasks.map(({ task_id, state }) => [task_id.value, state])).toEqual([['B', 'TASK_RUNNING']]);
});
