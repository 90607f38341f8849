import type { Operation } from '../messages.ts';
import { upgrade } from '../resources/convert.ts';
import { applyOperation, NotContained } from '../resources/apply-operation.ts';
import { subtractResources, unallocate } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { BUILD, BANNER } from '../stand-in.ts';
import type { Master } from './master.ts';
import { agentsView, executorsView, frameworksView, stateView, tasksView } from './operator-views.ts';
import { taskResourcesByFramework } from './usage.ts';
import { operationProblem } from './validate-operation.ts';

interface AgentQuestion {
  agent_id: { value: string };
}

/** An operator's call in its JSON form. */
export interface OperatorCall {
  type?: string;
  mark_agent_gone?: AgentQuestion;
  deactivate_agent?: AgentQuestion;
  reactivate_agent?: AgentQuestion;
  teardown?: { framework_id: { value: string } };
  reserve_resources?: AgentQuestion & { resources: Resource[] };
  unreserve_resources?: AgentQuestion & { resources: Resource[] };
  create_volumes?: AgentQuestion & { volumes: Resource[] };
  destroy_volumes?: AgentQuestion & { volumes: Resource[] };
}

/** `{status, message}` for a bare status, an object for a JSON answer, nothing for an empty 200. */
type Result = { status: number; message?: string } | Record<string, unknown> | undefined;

type Perform = (master: Master, call: OperatorCall, principal: string | undefined) => Result;

/**
 * An operation on free resources. Offers of the agent are taken back first, whether the operation
 * then succeeds or not.
 */
function operate(
  master: Master,
  question: AgentQuestion | undefined,
  operation: Operation,
  principal: string | undefined,
): Result {
  const agent = master.agents.get(question?.agent_id.value ?? '');
  if (!agent) return { status: 400, message: 'No agent found with specified ID' };
  const problem = operationProblem(operation, agent, { principal });
  if (problem !== undefined)
    return { status: 400, message: `Invalid ${operation.type} operation on agent ${agent.id}: ${problem}` };
  master.offerBook.rescindAgent(agent);
  const used = [...taskResourcesByFramework(agent).values()].flatMap(unallocate);
  try {
    applyOperation(subtractResources(agent.total, used), operation);
  } catch (error) {
    if (error instanceof NotContained) return { status: 409, message: error.message };
    throw error;
  }
  master.operations.apply(agent, operation);
  return { status: 202 };
}

const upgraded = (resources: Resource[] | undefined): Resource[] => (resources ?? []).map(upgrade);

function setActive(master: Master, question: AgentQuestion | undefined, active: boolean): Result {
  const agent = master.agents.get(question?.agent_id.value ?? '');
  if (!agent) return { status: 404 };
  agent.deactivated = !active;
  master.registry.setDeactivated(agent.id, !active);
  master.allocator.setAgentActive(agent.id, active && agent.connected);
  if (!active) master.offerBook.rescindAgent(agent);
  return undefined;
}

function teardown(master: Master, call: OperatorCall): Result {
  const id = call.teardown?.framework_id.value ?? '';
  const framework = master.frameworks.get(id);
  if (!framework) return { status: 400, message: `No framework found with ID ${id}` };
  master.frameworkRemoval.remove(framework);
  return undefined;
}

function markGone(master: Master, call: OperatorCall): Result {
  const id = call.mark_agent_gone?.agent_id.value ?? '';
  return master.agentRemoval.markGone(id) ? undefined : { status: 404, message: `Agent '${id}' not found` };
}

/** The operator calls people use, by type. */
export const operatorCalls: Record<string, Perform> = {
  GET_HEALTH: () => ({ get_health: { healthy: true } }),
  GET_VERSION: () => ({ get_version: { version_info: BUILD }, cotton_local: BANNER }),
  GET_MASTER: (master) => ({
    get_master: {
      master_info: master.masterInfo(),
      start_time: master.startedAt,
      elected_time: master.startedAt,
    },
  }),
  GET_FLAGS: (master) => ({
    get_flags: { flags: Object.entries(master.config.flags).map(([name, value]) => ({ name, value })) },
  }),
  GET_AGENTS: agentsView,
  GET_FRAMEWORKS: frameworksView,
  GET_EXECUTORS: executorsView,
  GET_TASKS: tasksView,
  GET_STATE: stateView,
  MARK_AGENT_GONE: markGone,
  DEACTIVATE_AGENT: (master, call) => setActive(master, call.deactivate_agent, false),
  REACTIVATE_AGENT: (master, call) => setActive(master, call.reactivate_agent, true),
  TEARDOWN: teardown,
  RESERVE_RESOURCES: (master, call, principal) =>
    operate(
      master,
      call.reserve_resources,
      { type: 'RESERVE', reserve: { resources: upgraded(call.reserve_resources?.resources) } },
      principal,
    ),
  UNRESERVE_RESOURCES: (master, call, principal) =>
    operate(
      master,
      call.unreserve_resources,
      { type: 'UNRESERVE', unreserve: { resources: upgraded(call.unreserve_resources?.resources) } },
      principal,
    ),
  CREATE_VOLUMES: (master, call, principal) =>
    operate(
      master,
      call.create_volumes,
      { type: 'CREATE', create: { volumes: upgraded(call.create_volumes?.volumes) } },
      principal,
    ),
  DESTROY_VOLUMES: (master, call, principal) =>
    operate(
      master,
      call.destroy_volumes,
      { type: 'DESTROY', destroy: { volumes: upgraded(call.destroy_volumes?.volumes) } },
      principal,
    ),
};
