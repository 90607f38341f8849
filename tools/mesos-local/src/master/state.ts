import { unallocate } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { AGENT_CAPABILITIES, BANNER, BUILD, MASTER_CAPABILITIES, MESOS_VERSION } from '../stand-in.ts';
import { inFull, reservedInFull, reservedSums, sums, unreserved } from '../state/resource-sums.ts';
import { executorState, taskState } from '../state/work.ts';
import { attributesState } from '../state/attributes.ts';
import type { Master } from './master.ts';
import type { Agent, Framework, Offer } from './model.ts';
import { taskResourcesByFramework } from './usage.ts';

function agentState(agent: Agent): object {
  const used = [...taskResourcesByFramework(agent).values()].flat();
  const offered = [...agent.offers].flatMap(({ resources }) => resources);
  return {
    id: agent.id,
    hostname: agent.info.hostname,
    port: agent.info.port,
    attributes: attributesState(agent.info.attributes),
    pid: `slave(1)@${agent.address}`,
    registered_time: agent.registeredAt,
    ...(agent.reregisteredAt !== undefined && { reregistered_time: agent.reregisteredAt }),
    resources: sums(agent.total),
    used_resources: sums(unallocate(used)),
    offered_resources: sums(unallocate(offered)),
    reserved_resources: reservedSums(agent.total),
    unreserved_resources: sums(unreserved(agent.total)),
    active: agent.connected,
    deactivated: agent.deactivated,
    version: MESOS_VERSION,
    capabilities: AGENT_CAPABILITIES,
    reserved_resources_full: reservedInFull(agent.total),
    unreserved_resources_full: inFull(unreserved(agent.total)),
    used_resources_full: inFull(used),
    offered_resources_full: inFull(offered),
  };
}

const offerState = (offer: Offer): object => ({
  id: offer.id,
  framework_id: offer.frameworkId,
  allocation_info: { role: offer.role },
  slave_id: offer.agentId,
  resources: sums(offer.resources),
});

const executorsState = (master: Master, framework: Framework): object[] =>
  [...master.agents.values()].flatMap((agent) =>
    [...(agent.executors.get(framework.id)?.values() ?? [])].map((info) => ({
      ...executorState(info, framework.id),
      slave_id: agent.id,
    })),
  );

function frameworkState(master: Master, framework: Framework): object {
  const { info } = framework;
  const tasks = (list: Iterable<Parameters<typeof taskState>[0]>) =>
    [...list].map((task) => taskState(task, info.user));
  const used: Resource[] = [...master.agents.values()].flatMap(
    (agent) => taskResourcesByFramework(agent).get(framework.id) ?? [],
  );
  const offered = [...framework.offers].flatMap(({ resources }) => resources);
  return {
    id: framework.id,
    name: info.name,
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: framework.registeredAt,
    ...(framework.reregisteredAt !== undefined && { reregistered_time: framework.reregisteredAt }),
    unregistered_time: framework.unregisteredAt ?? 0,
    active: framework.stream !== undefined,
    connected: framework.stream !== undefined,
    recovered: framework.recovered,
    hostname: info.hostname ?? '',
    principal: info.principal,
    webui_url: info.webui_url ?? '',
    roles: info.roles ?? [],
    capabilities: (info.capabilities ?? []).map(({ type }) => type),
    tasks: tasks(framework.tasks.values()),
    unreachable_tasks: tasks(framework.unreachableTasks.values()),
    completed_tasks: tasks(framework.completedTasks),
    offers: [...framework.offers].map(offerState),
    executors: executorsState(master, framework),
    resources: sums([...used, ...offered]),
    used_resources: sums(used),
    offered_resources: sums(offered),
    offer_constraints: {},
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

/** The master's `/tasks`: those of all frameworks, whatever became of them. */
export const tasksOf = (master: Master): object => ({
  tasks: [...master.frameworks.values(), ...master.removedFrameworks.values()].flatMap((framework) =>
    [...framework.tasks.values(), ...framework.unreachableTasks.values(), ...framework.completedTasks].map(
      (task) => taskState(task, framework.info.user),
    ),
  ),
});

/** The master's `/state`, as far as people and tools look at it. */
export function stateOf(master: Master): object {
  const { hostname, ip, port } = master.config;
  return {
    cotton_local: BANNER,
    ...BUILD,
    id: master.id,
    pid: `master@${ip}:${port}`,
    hostname,
    capabilities: MASTER_CAPABILITIES,
    leader: `master@${ip}:${port}`,
    leader_info: master.masterInfo(),
    start_time: master.startedAt,
    elected_time: master.startedAt,
    flags: master.config.flags,
    activated_slaves: [...master.agents.values()].filter(({ connected }) => connected).length,
    deactivated_slaves: [...master.agents.values()].filter(({ connected }) => !connected).length,
    unreachable_slaves: master.registry.state.unreachable.length,
    ...agentsOf(master),
    frameworks: [...master.frameworks.values()].map((framework) => frameworkState(master, framework)),
    completed_frameworks: [...master.removedFrameworks.values()].map((framework) =>
      frameworkState(master, framework),
    ),
    orphan_tasks: [],
    unregistered_frameworks: [],
  };
}
