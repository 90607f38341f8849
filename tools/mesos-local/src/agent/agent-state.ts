import { addResources, unallocate } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { AGENT_CAPABILITIES, BANNER, BUILD } from '../stand-in.ts';
import { attributesState } from '../state/attributes.ts';
import {
  allocatedRole,
  inFull,
  reservedInFull,
  reservedSums,
  sums,
  unreserved,
} from '../state/resource-sums.ts';
import { taskState } from '../state/work.ts';
import type { Agent } from './agent.ts';
import { resourcesInUse, type AgentExecutor, type AgentFramework } from './model.ts';
import { asTask } from './report.ts';

const startedAt = Date.now() / 1000;

function executorState(executor: AgentExecutor, user: string, agentId: string): object {
  const { info } = executor;
  const inUse = resourcesInUse(executor);
  const live = [...executor.launched.values(), ...executor.terminated.values()];
  return {
    id: executor.id,
    name: info.name ?? '',
    source: info.source ?? '',
    container: executor.containerId,
    directory: executor.sandbox,
    resources: sums(inUse),
    role: allocatedRole(inUse),
    ...(info.type !== undefined && { type: info.type }),
    state: executor.state,
    tasks: live.map((task) => taskState(asTask(executor, task, agentId), user)),
    queued_tasks: [...executor.queued.values()].map(({ task_id: id, name }) => ({ id: id.value, name })),
    completed_tasks: [],
  };
}

const frameworkState = ({ id, info, executors }: AgentFramework, agentId: string): object => ({
  id,
  name: info.name,
  user: info.user,
  failover_timeout: info.failover_timeout ?? 0,
  checkpoint: info.checkpoint ?? false,
  hostname: info.hostname ?? '',
  principal: info.principal,
  roles: info.roles ?? [],
  executors: [...executors.values()].map((executor) => executorState(executor, info.user, agentId)),
  completed_executors: [],
});

/** The agent's `/state`, as far as people look at it. It remembers nothing that has ended. */
export function agentState(agent: Agent): object {
  const frameworks = [...agent.frameworks.values()];
  const allocated: Resource[] = unallocate(
    addResources(...frameworks.flatMap(({ executors }) => [...executors.values()].map(resourcesInUse))),
  );
  return {
    cotton_local: BANNER,
    ...BUILD,
    start_time: startedAt,
    id: agent.agentId,
    pid: `slave(1)@${agent.config.ip}:${agent.config.port}`,
    hostname: agent.config.hostname,
    capabilities: AGENT_CAPABILITIES,
    resources: sums(agent.total),
    reserved_resources: reservedSums(agent.total),
    unreserved_resources: sums(unreserved(agent.total)),
    reserved_resources_full: reservedInFull(agent.total),
    unreserved_resources_full: inFull(unreserved(agent.total)),
    reserved_resources_allocated: reservedSums(allocated),
    unreserved_resources_allocated: sums(unreserved(allocated)),
    resource_providers: [],
    attributes: attributesState(agent.info.attributes),
    ...(agent.link.masterHost !== undefined && { master_hostname: agent.link.masterHost }),
    flags: agent.config.flags,
    frameworks: frameworks.map((framework) => frameworkState(framework, agent.agentId)),
    completed_frameworks: [],
  };
}
