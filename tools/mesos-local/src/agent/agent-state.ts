import { BANNER, MESOS_VERSION } from '../stand-in.ts';
import type { Agent } from './agent.ts';
import type { AgentExecutor } from './model.ts';

const executorState = (executor: AgentExecutor): object => ({
  id: executor.id,
  container: executor.containerId,
  directory: executor.sandbox,
  state: executor.state,
  tasks: [...executor.launched.values()].map(({ info, state }) => ({
    id: info.task_id.value,
    name: info.name,
    state,
  })),
  queued_tasks: [...executor.queued.values()].map(({ task_id, name }) => ({ id: task_id.value, name })),
});

/** The agent's `/state`, as far as people look at it. */
export function agentState(agent: Agent): object {
  return {
    cotton_local: BANNER,
    version: MESOS_VERSION,
    id: agent.agentId,
    pid: `slave(1)@${agent.config.ip}:${agent.config.port}`,
    hostname: agent.config.hostname,
    flags: agent.config.flags,
    frameworks: [...agent.frameworks.values()].map((framework) => ({
      id: framework.id,
      name: framework.info.name,
      executors: [...framework.executors.values()].map(executorState),
    })),
  };
}
