import { inBothFormats } from '../resources/convert.ts';
import type { Resource } from '../resources/types.ts';
import { AGENT_CAPABILITIES, MESOS_VERSION } from '../stand-in.ts';
import type { Master } from './master.ts';
import type { Agent, Framework } from './model.ts';
import { taskResourcesByFramework } from './usage.ts';

/** Agents, frameworks and tasks as operator calls show them. */

const time = (seconds: number): { nanoseconds: number } => ({ nanoseconds: Math.round(seconds * 1e9) });

const shown = (name: string, resources: Resource[]): Record<string, Resource[]> =>
  resources.length > 0 ? { [name]: resources.map(inBothFormats) } : {};

const checkpointing = (info: Agent['info']): object => ({ ...info, checkpoint: true });

const agentView = (agent: Agent): object => ({
  agent_info: checkpointing(agent.info),
  active: agent.connected,
  deactivated: agent.deactivated,
  version: MESOS_VERSION,
  pid: `slave(1)@${agent.address}`,
  registered_time: time(agent.registeredAt),
  ...(agent.reregisteredAt !== undefined && { reregistered_time: time(agent.reregisteredAt) }),
  ...shown('total_resources', agent.total),
  ...shown('allocated_resources', [...taskResourcesByFramework(agent).values()].flat()),
  ...shown(
    'offered_resources',
    [...agent.offers].flatMap(({ resources }) => resources),
  ),
  capabilities: AGENT_CAPABILITIES.map((type) => ({ type })),
});

export const agentsView = (master: Master): Record<string, unknown> => ({
  get_agents: {
    agents: [...master.agents.values()].map(agentView),
    recovered_agents: [...master.recovered.values()].map(({ info }) => checkpointing(info)),
  },
});

function frameworkView(master: Master, framework: Framework): object {
  const connected = framework.stream !== undefined;
  const used = [...master.agents.values()].flatMap(
    (agent) => taskResourcesByFramework(agent).get(framework.id) ?? [],
  );
  const offers = [...framework.offers];
  return {
    framework_info: framework.info,
    active: connected,
    connected,
    recovered: framework.recovered,
    ...(!framework.recovered && {
      registered_time: time(framework.registeredAt),
      reregistered_time: time(framework.reregisteredAt ?? framework.registeredAt),
    }),
    ...(offers.length > 0 && { offers: offers.map((offer) => master.offerBook.message(framework, offer)) }),
    ...shown('allocated_resources', used),
    ...shown(
      'offered_resources',
      offers.flatMap(({ resources }) => resources),
    ),
    offer_constraints: {},
  };
}

export const frameworksView = (master: Master): Record<string, unknown> => ({
  get_frameworks: {
    frameworks: [...master.frameworks.values()].map((framework) => frameworkView(master, framework)),
    completed_frameworks: [...master.removedFrameworks.values()].map((framework) =>
      frameworkView(master, framework),
    ),
  },
});

export function executorsView(master: Master): Record<string, unknown> {
  const executors = [...master.agents.values()].flatMap((agent) =>
    [...agent.executors.values()].flatMap((ofFramework) =>
      [...ofFramework.values()].map((info) => ({ executor_info: info, agent_id: { value: agent.id } })),
    ),
  );
  return { get_executors: { executors } };
}

/** Everything at once. */
export const stateView = (master: Master): Record<string, unknown> => ({
  get_state: {
    ...tasksView(master),
    ...executorsView(master),
    ...frameworksView(master),
    ...agentsView(master),
  },
});

export function tasksView(master: Master): Record<string, unknown> {
  const frameworks = [...master.frameworks.values()];
  const withUser = (framework: Framework, tasks: Iterable<object>) =>
    [...tasks].map((task) => ({ ...task, user: framework.info.user }));
  return {
    get_tasks: {
      tasks: frameworks.flatMap((framework) => withUser(framework, framework.tasks.values())),
      unreachable_tasks: frameworks.flatMap((framework) =>
        withUser(framework, framework.unreachableTasks.values()),
      ),
      completed_tasks: [...frameworks, ...master.removedFrameworks.values()].flatMap((framework) =>
        withUser(framework, framework.completedTasks),
      ),
    },
  };
}
