import { timestampNow, type Operation, type TaskInfo, type TaskStatus } from '../messages.ts';
import { NotContained, applyOperation } from '../resources/apply-operation.ts';
import { addResources, subtractResources } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { mayRunAs } from './authorization.ts';
import type { Master } from './master.ts';
import { executorsOf, partitionState, type Agent, type Framework, type Offer } from './model.ts';
import { normaliseOperation } from './normalise-operation.ts';
import { unauthorized } from './operation-authorization.ts';
import { operationProblem } from './validate-operation.ts';
import { firstProblem, formatProblem } from './validate-resources.ts';
import { newExecutor, requiredBy, taskGroupProblem, taskProblem } from './validate-task.ts';
import { offersProblem } from './validate-offers.ts';

const DEFAULT_REFUSE_SECONDS = 5;

export interface AcceptCall {
  offer_ids?: { value: string }[];
  operations?: Operation[];
  filters?: { refuse_seconds?: number };
}

/** One ACCEPT while it is carried out: what is left of the offers after each operation. */
interface Accepting {
  framework: Framework;
  agent: Agent;
  left: Resource[];
}

const tasksOf = (operation: Operation): TaskInfo[] =>
  operation.launch?.task_infos ?? operation.launch_group?.task_group?.tasks ?? [];

const resourcesOf = (operation: Operation): Resource[] => [
  ...(operation.reserve?.resources ?? []),
  ...(operation.unreserve?.resources ?? []),
  ...(operation.create?.volumes ?? []),
  ...(operation.destroy?.volumes ?? []),
];

/** ACCEPT: operations in order on the resources of its offers; a failed one does not stop the rest. */
export class Acceptance {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  accept(framework: Framework, call: AcceptCall): void {
    const ids = (call.offer_ids ?? []).map(({ value }) => value);
    const operations = call.operations ?? [];
    const problem = offersProblem(this.#master, framework, ids);
    const offers = [...new Set(ids)].flatMap((id) => this.#master.offers.get(id) ?? []);
    for (const offer of offers) this.#master.offerBook.remove(offer);
    if (problem !== undefined) return this.#discard(framework, offers, operations, problem);
    const agent = this.#master.agents.get(offers[0]!.agentId)!;
    const offered = addResources(...offers.map(({ resources }) => resources));
    const accepting: Accepting = { framework, agent, left: offered };
    for (const operation of operations)
      this.#perform(accepting, normaliseOperation(operation, offers[0]!.role, framework.id));
    this.#giveBack(accepting, offered, call.filters?.refuse_seconds ?? DEFAULT_REFUSE_SECONDS);
  }

  /** One stale offer spoils the call: the others are free again, unfiltered. */
  #discard(framework: Framework, offers: Offer[], operations: Operation[], problem: string): void {
    for (const offer of offers)
      this.#master.allocator.recover(offer.frameworkId, offer.agentId, offer.resources);
    for (const operation of operations) {
      for (const task of tasksOf(operation)) {
        const state = partitionState(framework, 'TASK_DROPPED');
        this.#refuseTask(
          framework,
          task,
          state,
          'REASON_INVALID_OFFERS',
          `Task launched with invalid offers: ${problem}`,
        );
      }
      if (tasksOf(operation).length === 0)
        this.#master.operations.refuse(
          framework,
          operation,
          `Operation attempted with invalid offers: ${problem}`,
        );
    }
  }

  #perform(accepting: Accepting, operation: Operation): void {
    switch (operation.type) {
      case 'LAUNCH':
        return this.#launch(accepting, operation);
      case 'LAUNCH_GROUP':
        return this.#launchGroup(accepting, operation);
      case 'RESERVE':
      case 'UNRESERVE':
      case 'CREATE':
      case 'DESTROY':
      case 'GROW_VOLUME':
      case 'SHRINK_VOLUME':
        return this.#change(accepting, operation);
      default:
        return; // An unknown operation is ignored without a word.
    }
  }

  #change(accepting: Accepting, operation: Operation): void {
    const { framework, agent } = accepting;
    const refuse = (message: string) => this.#master.operations.refuse(framework, operation, message);
    const format = firstProblem(resourcesOf(operation), formatProblem);
    if (format !== undefined) return refuse(`Operation attempted with invalid resources: ${format}`);
    const principal = framework.info.principal;
    const forbidden = unauthorized(this.#master.config.acls, principal, operation);
    if (forbidden !== undefined) return refuse(forbidden);
    const problem = operationProblem(operation, agent, { principal, framework: framework.info });
    if (problem !== undefined) return refuse(`${problem}; on agent ${describe(agent)}`);
    try {
      const after = applyOperation(accepting.left, operation);
      this.#master.allocator.replaceAllocated(framework.id, agent.id, accepting.left, after);
      accepting.left = after;
      this.#master.operations.apply(agent, operation, framework.id);
    } catch (error) {
      if (!(error instanceof NotContained)) throw error;
      refuse(error.message);
    }
  }

  #launch(accepting: Accepting, operation: Operation): void {
    for (const task of operation.launch?.task_infos ?? []) {
      const { framework, agent } = accepting;
      const refuse = (reason: string, message: string) =>
        this.#refuseTask(framework, task, 'TASK_ERROR', reason, message);
      const user = task.executor?.command?.user ?? task.command?.user ?? framework.info.user;
      if (operation.id) {
        refuse('REASON_TASK_INVALID', 'The `id` field cannot be set on LAUNCH operations');
        continue;
      }
      if (!mayRunAs(this.#master.config.acls, framework.info.principal, user)) {
        refuse(
          'REASON_TASK_UNAUTHORIZED',
          `Principal '${framework.info.principal ?? 'ANY'}' no authorized to launch task ${task.task_id.value} of framework ${framework.id} under user '${user}'`,
        );
        continue;
      }
      const problem = taskProblem(task, framework, agent, accepting.left);
      if (problem !== undefined) {
        refuse('REASON_TASK_INVALID', problem);
        continue;
      }
      accepting.left = subtractResources(accepting.left, requiredBy(task, framework, agent));
      const executor = newExecutor(task, framework, agent);
      this.#addExecutor(framework, agent, executor);
      this.#master.updates.add(framework, agent, task, task.executor?.executor_id);
      agent.send?.({
        type: 'run_task',
        framework: framework.info,
        task,
        ...(task.executor && { executor: task.executor }),
      });
    }
  }

  #launchGroup(accepting: Accepting, operation: Operation): void {
    const { framework, agent } = accepting;
    const executor = operation.launch_group!.executor;
    const tasks = tasksOf(operation).map((task) => ({ ...task, executor }));
    const problem = operation.id
      ? 'The `id` field cannot be set on LAUNCH_GROUP operations'
      : taskGroupProblem(tasks, executor, framework, agent, accepting.left);
    if (problem !== undefined) {
      for (const task of tasks)
        this.#refuseTask(framework, task, 'TASK_ERROR', 'REASON_TASK_GROUP_INVALID', problem);
      return;
    }
    const running = executorsOf(agent, framework.id).has(executor.executor_id.value);
    const used = addResources(
      ...tasks.map((task) => task.resources ?? []),
      running ? [] : (executor.resources ?? []),
    );
    accepting.left = subtractResources(accepting.left, used);
    this.#addExecutor(framework, agent, running ? undefined : executor);
    for (const task of tasks) this.#master.updates.add(framework, agent, task, executor.executor_id);
    agent.send?.({ type: 'run_task_group', framework: framework.info, tasks, executor });
  }

  #addExecutor(framework: Framework, agent: Agent, executor: TaskInfo['executor']): void {
    if (executor) executorsOf(agent, framework.id).set(executor.executor_id.value, executor);
  }

  #refuseTask(framework: Framework, task: TaskInfo, state: string, reason: string, message: string): void {
    const status: TaskStatus = {
      task_id: task.task_id,
      state,
      message,
      source: 'SOURCE_MASTER',
      reason,
      agent_id: task.agent_id,
      timestamp: timestampNow(),
    };
    framework.stream?.send({ type: 'UPDATE', update: { status } });
  }

  /** What was converted but not used comes back without a filter, the rest with the call's. */
  #giveBack({ framework, agent, left }: Accepting, offered: Resource[], refuseSeconds: number): void {
    const converted = subtractResources(left, offered);
    const { allocator } = this.#master;
    allocator.recover(framework.id, agent.id, converted);
    allocator.recover(framework.id, agent.id, subtractResources(left, converted), refuseSeconds);
  }
}

/** An agent as error messages name it. */
export const describe = (agent: Agent): string =>
  `${agent.id} at slave(1)@${agent.address} (${agent.info.hostname})`;
