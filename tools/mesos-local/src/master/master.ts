import { Allocator } from './allocator.ts';
import { AgentRegistration } from './agent-registration.ts';
import { AgentRemoval } from './agent-removal.ts';
import type { MasterConfig } from './config.ts';
import { Acceptance } from './acceptance.ts';
import type { Faults } from './faults.ts';
import { FrameworkRemoval } from './framework-removal.ts';
import { masterInfo } from './master-info.ts';
import type { Agent, Framework, Offer } from './model.ts';
import { Offers } from './offers.ts';
import { Operations } from './operations.ts';
import { Reconciliation } from './reconciliation.ts';
import type { Registry } from './registry.ts';
import { Subscriptions } from './subscriptions.ts';
import { TaskUpdates } from './task-updates.ts';

const REMEMBERED_FRAMEWORKS = 50;

/** An agent of the registry that has not come back to this master yet. */
export interface RecoveredAgent {
  info: Agent['info'];
  timer: NodeJS.Timeout;
}

/** The state of a leading master, and the parts that work on it. One event at a time; nothing here waits. */
export class Master {
  readonly id: string;
  readonly startedAt = Date.now() / 1000;
  readonly config: MasterConfig;
  readonly registry: Registry;
  readonly frameworks = new Map<string, Framework>();
  readonly agents = new Map<string, Agent>();
  readonly recovered = new Map<string, RecoveredAgent>();
  readonly offers = new Map<string, Offer>();
  /** Frameworks whose ids are refused; the oldest are forgotten. */
  readonly removedFrameworks = new Map<string, Framework>();
  readonly allocator: Allocator;
  readonly faults: Faults;
  readonly offerBook: Offers;
  readonly subscriptions: Subscriptions;
  readonly acceptance: Acceptance;
  readonly operations: Operations;
  readonly reconciliation: Reconciliation;
  readonly updates: TaskUpdates;
  readonly registration: AgentRegistration;
  readonly agentRemoval: AgentRemoval;
  readonly frameworkRemoval: FrameworkRemoval;
  #nextFramework = 0;
  #nextAgent = 0;
  #allocationTimer: NodeJS.Timeout | undefined;

  constructor(config: MasterConfig, registry: Registry, id: string, faults: Faults) {
    this.config = config;
    this.registry = registry;
    this.id = id;
    this.faults = faults;
    this.allocator = new Allocator(config.allocationIntervalMs, config.minAllocatable, () =>
      performance.now(),
    );
    this.offerBook = new Offers(this);
    this.subscriptions = new Subscriptions(this);
    this.acceptance = new Acceptance(this);
    this.operations = new Operations(this);
    this.reconciliation = new Reconciliation(this);
    this.updates = new TaskUpdates(this);
    this.registration = new AgentRegistration(this);
    this.agentRemoval = new AgentRemoval(this);
    this.frameworkRemoval = new FrameworkRemoval(this);
  }

  /** Begins to lead: agents of the registry are expected back, offers are made. */
  start(): void {
    for (const info of this.registry.state.admitted) this.#expect(info);
    this.#allocationTimer = setInterval(() => this.offerBook.allocate(), this.config.allocationIntervalMs);
  }

  #expect(info: Agent['info']): void {
    const id = info.id.value;
    const timer = setTimeout(
      () => this.agentRemoval.recoveredUnreachable(id),
      this.config.agentReregisterTimeoutMs,
    );
    this.recovered.set(id, { info, timer });
  }

  stop(): void {
    clearInterval(this.#allocationTimer);
    for (const { timer } of this.recovered.values()) clearTimeout(timer);
  }

  newFrameworkId(): string {
    return `${this.id}-${String(this.#nextFramework++).padStart(4, '0')}`;
  }

  newAgentId(): string {
    return `${this.id}-S${this.#nextAgent++}`;
  }

  rememberRemoved(framework: Framework): void {
    this.removedFrameworks.set(framework.id, framework);
    for (const id of this.removedFrameworks.keys()) {
      if (this.removedFrameworks.size <= REMEMBERED_FRAMEWORKS) return;
      this.removedFrameworks.delete(id);
    }
  }

  masterInfo(): object {
    return masterInfo(this.config, this.id);
  }
}
