import type { Task } from '../messages.ts';
import { reservationRole, isReserved, scalarTotal, unallocate } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { AGENT_CAPABILITIES, BANNER, MESOS_VERSION } from '../stand-in.ts';
import type { Master } from './master.ts';
import type { Agent, Framework } from './model.ts';
import { taskResourcesByFramework } from './usage.ts';

/** `{cpus, mem, disk, gpus, ports}` as `/state` sums resources up. */
function summary(resources: Resource[]): Record<string, unknown> {
  const scalar = (name: string) => scalarTotal(resources, name) / 1000;
  const ranges = resources.flatMap((one) => (one.name === 'ports' ? (one.ranges?.range ?? []) : []));
  const ports = ranges.map(({ begin, end }) => `${begin}-${end}`).join(', ');
  return {
    disk: scalar('disk'),
    mem: scalar('mem'),
    gpus: 0,
    cpus: scalar('cpus'),
    ...(ports !== '' && { ports: `[${ports}]` }),
  };
}

function byRole(resources: Resource[]): Record<string, Resource[]> {
  const groups: Record<string, Resource[]> = {};
  for (const resource of resources.filter(isReserved))
    (groups[reservationRole(resource)] ??= []).push(resource);
  return groups;
}

const mapValues = <T, U>(record: Record<string, T>, convert: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));

function agentState(agent: Agent): object {
  const used = [...taskResourcesByFramework(agent).values()].flat();
  const offered = [...agent.offers].flatMap(({ resources }) => resources);
  const reserved = byRole(agent.total);
  const free = agent.total.filter((resource) => !isReserved(resource));
  const attributes = (agent.info.attributes ?? []).map((one) => [
    one.name,
    one.text?.value ?? one.scalar?.value ?? '',
  ]);
  return {
    id: agent.id,
    hostname: agent.info.hostname,
    port: agent.info.port,
    attributes: Object.fromEntries(attributes),
    pid: `slave(1)@${agent.address}`,
    registered_time: agent.registeredAt,
    ...(agent.reregisteredAt !== undefined && { reregistered_time: agent.reregisteredAt }),
    resources: summary(agent.total),
    used_resources: summary(unallocate(used)),
    offered_resources: summary(unallocate(offered)),
    reserved_resources: mapValues(reserved, summary),
    unreserved_resources: summary(free),
    active: agent.connected,
    deactivated: agent.deactivated,
    version: MESOS_VERSION,
    capabilities: AGENT_CAPABILITIES,
    reserved_resources_full: reserved,
    unreserved_resources_full: free,
  };
}

const taskState = (task: Task): object => ({
  id: task.task_id.value,
  name: task.name,
  framework_id: task.framework_id.value,
  executor_id: task.executor_id?.value ?? '',
  slave_id: task.agent_id.value,
  state: task.state,
  resources: summary(task.resources),
  role: task.resources[0]?.allocation_info?.role ?? '*',
  statuses: task.statuses.map(({ state, timestamp, healthy }) => ({
    state,
    timestamp,
    ...(healthy !== undefined && { healthy }),
  })),
  ...(task.labels && { labels: task.labels.labels }),
});

function frameworkState(framework: Framework): object {
  const { info } = framework;
  const tasks = [...framework.tasks.values()];
  return {
    id: framework.id,
    name: info.name,
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: framework.registeredAt,
    ...(framework.reregisteredAt !== undefined && { reregistered_time: framework.reregisteredAt }),
    active: framework.stream !== undefined,
    connected: framework.stream !== undefined,
    recovered: framework.recovered,
    hostname: info.hostname ?? '',
    principal: info.principal,
    webui_url: info.webui_url ?? '',
    roles: info.roles ?? [],
    capabilities: (info.capabilities ?? []).map(({ type }) => type),
    tasks: tasks.map(taskState),
    unreachable_tasks: [...framework.unreachableTasks.values()].map(taskState),
    completed_tasks: framework.completedTasks.map(taskState),
    offers: [...framework.offers].map((offer) => ({
      id: offer.id,
      slave_id: offer.agentId,
      resources: summary(offer.resources),
    })),
    used_resources: summary(tasks.flatMap(({ resources }) => resources)),
    offered_resources: summary([...framework.offers].flatMap(({ resources }) => resources)),
  };
}

/** The master's `/slaves`: agents only. */
export const agentsOf = (master: Master): object => ({
  slaves: [...master.agents.values()].map(agentState),
  recovered_slaves: [...master.recovered.values()].map(({ info }) => ({
    id: info.id.value,
    hostname: info.hostname,
    port: info.port,
  })),
});

/** The master's `/state`, as far as people and tools look at it. */
export function stateOf(master: Master): object {
  const { hostname, ip, port } = master.config;
  return {
    cotton_local: BANNER,
    version: MESOS_VERSION,
    id: master.id,
    pid: `master@${ip}:${port}`,
    hostname,
    leader: `master@${ip}:${port}`,
    leader_info: master.masterInfo(),
    start_time: master.startedAt,
    elected_time: master.startedAt,
    flags: master.config.flags,
    activated_slaves: [...master.agents.values()].filter(({ connected }) => connected).length,
    deactivated_slaves: [...master.agents.values()].filter(({ connected }) => !connected).length,
    unreachable_slaves: master.registry.state.unreachable.length,
    ...agentsOf(master),
    frameworks: [...master.frameworks.values()].map(frameworkState),
    completed_frameworks: [...master.removedFrameworks.values()].map(frameworkState),
  };
}
