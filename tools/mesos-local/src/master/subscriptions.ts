import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { schedulerEvent, type MediaType } from '@cotton/mesos';
import { EventStream } from '../http/event-stream.ts';
import { rolesOf, type FrameworkInfo } from '../messages.ts';
import type { FrameworkOptions, Quantities } from './allocator.ts';
import { mayRegister } from './authorization.ts';
import type { Master } from './master.ts';
import type { Framework } from './model.ts';
import { frameworkProblem, printSet, type FrameworkExtras } from './validate-framework.ts';

const HEARTBEAT_INTERVAL_MS = 15_000;

export interface SubscribeCall extends FrameworkExtras {
  framework_info: FrameworkInfo;
  force?: boolean;
}

/** What the allocator has to know of a framework. */
export function allocatorOptions(info: FrameworkInfo, suppressed: Set<string>): FrameworkOptions {
  const minAllocatable = new Map<string, Quantities[]>();
  for (const [role, filters] of Object.entries(info.offer_filters ?? {})) {
    if (!filters.min_allocatable_resources) continue;
    const alternatives = filters.min_allocatable_resources.quantities ?? [];
    minAllocatable.set(
      role,
      alternatives.map(({ quantities }) => inThousandths(quantities ?? {})),
    );
  }
  return { roles: rolesOf(info), suppressed, minAllocatable };
}

const inThousandths = (quantities: Record<string, { value: number }>): Quantities =>
  Object.fromEntries(Object.entries(quantities).map(([name, { value }]) => [name, Math.round(value * 1000)]));

/** Subscribing, resubscribing and losing schedulers. */
export class Subscriptions {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  /** Refusals are an ERROR event on a 200, never an HTTP status. */
  subscribe(call: SubscribeCall, type: MediaType, response: ServerResponse): void {
    const info = call.framework_info;
    const streamId = randomUUID();
    const stream = new EventStream(response, {
      codec: schedulerEvent,
      type,
      headers: { 'Mesos-Stream-Id': streamId },
      hostileChunks: this.#master.config.hostileChunks,
    });
    const problem = this.#problem(info, call);
    if (problem !== undefined) {
      stream.send({ type: 'ERROR', error: { message: problem } });
      return stream.end();
    }
    const known = info.id && this.#master.frameworks.get(info.id.value);
    const framework = known ? this.#resubscribe(known, call) : this.#add(info, call);
    this.#attach(framework, stream, streamId);
  }

  #problem(info: FrameworkInfo, extras: FrameworkExtras): string | undefined {
    const problem = frameworkProblem(info, extras, this.#master.config);
    if (problem !== undefined) return problem;
    if (!mayRegister(this.#master.config.acls, info))
      // The empty place is where Mesos would name a framework that has no id yet.
      return `Not authorized to register framework ${info.id?.value ?? ''} with roles ${printSet(rolesOf(info))}`;
    if (info.id === undefined) return undefined;
    if (this.#master.removedFrameworks.has(info.id.value)) return 'Framework has been removed';
    const known = this.#master.frameworks.get(info.id.value);
    if (known && !known.recovered && known.info.principal !== info.principal)
      return "Changing framework's principal is not allowed.";
    return undefined;
  }

  #add(given: FrameworkInfo, call: SubscribeCall): Framework {
    const id = given.id?.value ?? this.#master.newFrameworkId();
    const framework = newFramework({ ...given, id: { value: id } });
    framework.suppressed = new Set(call.suppressed_roles ?? []);
    this.#master.frameworks.set(id, framework);
    this.#master.allocator.addFramework(id, allocatorOptions(framework.info, framework.suppressed), false);
    return framework;
  }

  #resubscribe(framework: Framework, call: SubscribeCall): Framework {
    // The first subscription decides about user and checkpoint for good.
    const kept = framework.recovered
      ? {}
      : { user: framework.info.user, checkpoint: framework.info.checkpoint ?? false };
    framework.info = { ...call.framework_info, ...kept };
    framework.recovered = false;
    framework.reregisteredAt = Date.now() / 1000;
    framework.suppressed = new Set(call.suppressed_roles ?? []);
    this.#master.allocator.updateFramework(
      framework.id,
      allocatorOptions(framework.info, framework.suppressed),
    );
    const previous = framework.stream;
    if (previous) {
      delete framework.stream;
      previous.send({ type: 'ERROR', error: { message: 'Framework failed over' } });
      previous.end();
      // Filters survive this, because the framework was never deactivated.
      this.#master.offerBook.withdraw(framework);
    }
    return framework;
  }

  #attach(framework: Framework, stream: EventStream, streamId: string): void {
    clearTimeout(framework.failoverTimer);
    clearInterval(framework.heartbeat);
    framework.stream = stream;
    framework.streamId = streamId;
    stream.onClose = () => {
      if (framework.stream === stream) this.disconnected(framework);
    };
    stream.send({
      type: 'SUBSCRIBED',
      subscribed: {
        framework_id: framework.info.id,
        heartbeat_interval_seconds: HEARTBEAT_INTERVAL_MS / 1000,
        master_info: this.#master.masterInfo(),
      },
    });
    stream.send({ type: 'HEARTBEAT' });
    framework.heartbeat = setInterval(() => this.#beat(framework), HEARTBEAT_INTERVAL_MS);
    for (const agent of this.#master.agents.values())
      agent.send?.({ type: 'update_framework', framework: framework.info });
    this.#master.allocator.activate(framework.id);
    // After the agents' pending updates have had their chance to go out, as in Mesos.
    setImmediate(() => this.#master.offerBook.allocate());
  }

  #beat(framework: Framework): void {
    if (!this.#master.faults.heartbeatsHeld) framework.stream?.send({ type: 'HEARTBEAT' });
  }

  /** The stream is gone: no more offers, and after `failover_timeout` no more framework. */
  disconnected(framework: Framework): void {
    delete framework.stream;
    clearInterval(framework.heartbeat);
    this.#master.allocator.deactivate(framework.id);
    this.#master.offerBook.withdraw(framework);
    const timeoutMs = Math.max(0, framework.info.failover_timeout ?? 0) * 1000;
    const remove = () => this.#master.frameworkRemoval.remove(framework);
    if (timeoutMs === 0) remove();
    else framework.failoverTimer = setTimeout(remove, Math.min(timeoutMs, 2 ** 31 - 1));
  }
}

export function newFramework(info: FrameworkInfo): Framework {
  return {
    id: info.id!.value,
    info,
    recovered: false,
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: [],
    offers: new Set(),
    suppressed: new Set(),
    registeredAt: Date.now() / 1000,
  };
}
