/** For this package's tests: a master with agents. What they do follows from what an engine asks of them. */
import type { ClusterRecord } from '@cotton/core';
import type { OfferOperation, Resource, TaskInfo, TaskState, TaskStatus } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import { launchOperations } from '../mesos/operations.ts';
import { ownerOf } from '../mesos/reservation.ts';
import type { Engine } from './engine.ts';
import type { OutsideWorld } from './testing.ts';
import { freeResources, offerOf, OWNER, ROLE } from './testing.ts';

/** On which agent, and with what of it. */
interface Use {
  agent: number;
  resources: Resource[];
}

export class FakeMesos {
  readonly #outside: OutsideWorld;
  /** All that each agent has, reserved or not. */
  readonly #agents: Map<number, Resource[]>;
  readonly #away = new Set<number>();
  readonly #tasks = new Map<string, Use>();
  /** Also those that have ended: no master takes an id twice. */
  readonly #launched = new Set<string>();
  readonly #offers = new Map<string, Use>();
  readonly #refused = new Map<number, { resources: Resource[]; untilMs: number }>();
  readonly #news: TaskStatus[] = [];
  #revived = 0;

  /** The members of this cluster run, if it is given. */
  constructor(outside: OutsideWorld, agents: number[], record?: ClusterRecord) {
    this.#outside = outside;
    this.#agents = new Map(agents.map((agent) => [agent, resources.allocate(freeResources(), ROLE)]));
    if (record) this.#house(record);
    this.#tell();
  }

  runs(taskId: string): boolean {
    const task = this.#tasks.get(taskId);
    return task !== undefined && !this.#away.has(task.agent);
  }

  get tasks(): string[] {
    return [...this.#tasks.keys()].sort();
  }

  /** For which instances something is reserved on this agent. */
  reservedOn(agent: number): string[] {
    const owners = this.#has(agent).flatMap((r) => ownerOf(r, OWNER.installation)?.instance ?? []);
    return [...new Set(owners)].sort();
  }

  /** The master loses sight of an agent, whose tasks run on. */
  lose(agent: number): void {
    if (this.#away.has(agent)) return;
    this.#away.add(agent);
    this.#retell(agent);
  }

  find(agent: number): void {
    if (this.#away.delete(agent)) this.#retell(agent);
  }

  /** The scheduler is gone: what it asked for is done, what it was offered is void. */
  disconnected(): void {
    this.#carryOut();
    this.#offers.clear();
  }

  /** Does what it was asked, and tells of tasks. */
  answer(engine: Engine): void {
    this.#carryOut();
    for (const status of this.#news.splice(0)) void engine.taskUpdate(status);
  }

  /** Offers what is not in use, nor refused. */
  offer(engine: Engine): void {
    const offers = [...this.#agents.keys()].flatMap((agent) => {
      const free = this.#free(agent);
      if (free.length === 0 || this.#away.has(agent) || this.#isWithheld(agent, free)) return [];
      const offer = offerOf(agent, free);
      this.#offers.set(offer.id.value, { agent, resources: free });
      return [offer];
    });
    engine.offers(offers);
  }

  #carryOut(): void {
    const { accepted, declined, killed, reconciled, revived } = this.#outside;
    for (const { offerIds, operations, refuseSeconds } of accepted.splice(0)) {
      const agent = this.#take(offerIds, undefined);
      if (agent === undefined) continue;
      for (const operation of operations) this.#operate(agent, operation);
      this.#refuse(agent, this.#free(agent), refuseSeconds);
    }
    for (const { offerIds, refuseSeconds } of declined.splice(0)) this.#take(offerIds, refuseSeconds);
    for (const taskId of killed.splice(0)) this.#kill(taskId);
    for (const taskId of reconciled.splice(0)) this.#tellOf(taskId);
    if (revived !== this.#revived) this.#refused.clear();
    this.#revived = revived;
    this.#tell();
  }

  /** @returns whose they were; undefined: they are void */
  #take(offerIds: string[], refuseSeconds: number | undefined): number | undefined {
    const taken = offerIds.flatMap((id) => this.#offers.get(id) ?? []);
    for (const id of offerIds) this.#offers.delete(id);
    for (const { agent, resources: refused } of taken) this.#refuse(agent, refused, refuseSeconds);
    return taken[0]?.agent;
  }

  #refuse(agent: number, refused: Resource[], refuseSeconds = 0): void {
    const untilMs = this.#outside.nowMs + refuseSeconds * 1_000;
    this.#refused.set(agent, { resources: refused, untilMs });
  }

  #isWithheld(agent: number, free: Resource[]): boolean {
    const refused = this.#refused.get(agent);
    const isRefused =
      refused && this.#outside.nowMs < refused.untilMs && resources.contains(refused.resources, free);
    return isRefused || [...this.#offers.values()].some((offer) => offer.agent === agent);
  }

  /** As a master it goes on after an operation that failed; no test wants one. */
  #operate(agent: number, operation: OfferOperation): void {
    if (operation.type === 'LAUNCH')
      for (const task of operation.launch?.taskInfos ?? []) this.#launch(agent, task);
    else {
      const result = resources.applyOperation(this.#has(agent), operation);
      if (!result.ok) throw new Error(result.reason);
      this.#agents.set(agent, result.resources);
    }
  }

  #launch(agent: number, { taskId, resources: own = [], executor }: TaskInfo): void {
    const wanted = resources.add(own, executor?.resources ?? []);
    if (this.#launched.has(taskId.value)) throw new Error(`${taskId.value} is launched twice`);
    this.#launched.add(taskId.value);
    if (!resources.contains(this.#free(agent), wanted)) throw new Error(`${taskId.value} does not fit`);
    this.#tasks.set(taskId.value, { agent, resources: wanted });
    this.#say(taskId.value, agent, 'TASK_RUNNING', 'SOURCE_EXECUTOR');
  }

  #kill(taskId: string): void {
    const task = this.#tasks.get(taskId);
    if (!task || this.#away.has(task.agent)) return this.#tellOf(taskId);
    this.#tasks.delete(taskId);
    this.#say(taskId, task.agent, 'TASK_KILLED', 'SOURCE_EXECUTOR');
  }

  #retell(agent: number): void {
    for (const [taskId, task] of this.#tasks) if (task.agent === agent) this.#tellOf(taskId);
    this.#tell();
  }

  #tellOf(taskId: string): void {
    const { agent } = this.#tasks.get(taskId) ?? {};
    const state =
      agent === undefined ? 'TASK_GONE' : this.#away.has(agent) ? 'TASK_UNREACHABLE' : 'TASK_RUNNING';
    this.#say(taskId, agent, state, 'SOURCE_MASTER');
  }

  #say(taskId: string, agent: number | undefined, state: TaskState, source: TaskStatus['source']): void {
    const agentId = agent === undefined ? undefined : { value: `A${agent}` };
    const uuid = source === 'SOURCE_EXECUTOR' ? new Uint8Array(16) : undefined;
    this.#news.push({
      taskId: { value: taskId },
      state,
      source,
      ...(agentId && { agentId }),
      ...(uuid && { uuid }),
    });
  }

  /** The list of agents that schedulers may read. */
  #tell(): void {
    const there = [...this.#agents].filter(([agent]) => !this.#away.has(agent));
    this.#outside.agents = there.map(([agent, all]) => ({
      agentId: `A${agent}`,
      address: `10.0.0.${agent}:5051`,
      resources: all,
    }));
  }

  #has(agent: number): Resource[] {
    const all = this.#agents.get(agent);
    if (!all) throw new Error(`no agent ${agent}`);
    return all;
  }

  #free(agent: number): Resource[] {
    const uses = [...this.#tasks.values()].filter((task) => task.agent === agent);
    return resources.subtract(
      this.#has(agent),
      uses.flatMap((use) => use.resources),
    );
  }

  /** As if it had been asked to launch them. */
  #house({ uid, instances, spec }: ClusterRecord): void {
    for (const { id, home, task } of instances) {
      if (!home || !task) continue;
      const agent = Number(home.agentId.slice(1));
      const { agentId } = home;
      const launch = { clusterUid: uid, instance: id, agentId, taskId: task.id, home, createVolume: true };
      const { operations } = launchOperations(launch, spec.size, this.#has(agent), OWNER, (footing) => ({
        name: id,
        taskId: { value: task.id },
        agentId: { value: agentId },
        resources: footing.task,
        executor: { executorId: { value: task.id }, resources: footing.executor },
      }));
      for (const operation of operations) this.#operate(agent, operation);
    }
    this.#news.length = 0;
  }
}
