import type { Origin } from '../master/address.ts';
import { Backoff } from '../transport/backoff.ts';
import { emitter } from '../transport/emit.ts';
import { sleep } from '../transport/time.ts';
import { Watchdog } from '../transport/watchdog.ts';
import type { SchedulerCall, SchedulerEvent, SchedulerEventSubscribed } from '../wire/generated/types.ts';
import { schedulerEvent } from '../wire/messages.ts';
import type { Call } from './calls.ts';
import { masterEvent, refusalReason, type RefusalReason, type SchedulerConnectionEvent } from './events.ts';
import { checkSchedulerOptions, type CheckedSchedulerOptions, type SchedulerOptions } from './options.ts';
import { notSubscribed, subscribe, type CallResult, type Subscription } from './subscription.ts';

const FIRST_BACKOFF_MS = 200;
/** The interval of a Mesos master that does not tell another. */
const DEFAULT_HEARTBEAT_MS = 15_000;
/** Standbys may point at each other for a moment; then waiting is better than running in circles. */
const MAX_REDIRECTS = 5;

/** How one attempt ended. */
type End = { kind: 'retry'; reason: string } | { kind: 'refused'; reason: RefusalReason; message: string };

/**
 * A framework's connection to whichever master leads: subscribes, resubscribes after any loss with
 * the framework id it was given, and sends calls in order. Mesos forgets offers and filters with
 * each connection: on every `subscribed` the owner should send REVIVE (the connection does not, for
 * an owner may want to stay suppressed) and reconcile its tasks.
 */
export class SchedulerConnection {
  readonly #options: CheckedSchedulerOptions;
  readonly #backoff: Backoff;
  readonly #closing = new AbortController();
  readonly #emit: (event: SchedulerConnectionEvent) => void;
  #frameworkId: string | undefined;
  #running: Promise<void> | undefined;
  /** Ends the attempt or subscription under way. */
  #interrupt: (reason: string) => void = () => {};
  #subscription: Subscription | undefined;
  #leader: Origin | undefined;
  #onLeaderChange: () => void = () => {};

  constructor(options: SchedulerOptions) {
    this.#options = checkSchedulerOptions(options);
    this.#emit = emitter(options.onEvent, this.#closing.signal);
    this.#frameworkId = options.framework.id?.value;
    this.#backoff = new Backoff({
      firstMs: FIRST_BACKOFF_MS,
      maxMs: this.#options.maxBackoffMs,
      random: this.#options.random,
    });
  }

  /** As given, or as the first SUBSCRIBED brought it. */
  get frameworkId(): string | undefined {
    return this.#frameworkId;
  }

  get isSubscribed(): boolean {
    return this.#subscription !== undefined;
  }

  /** Begins to subscribe. Events follow until `refused` or `close`. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Sends a call (see `calls`); calls reach the master in the order of these invocations. Refusals
   * and losses are results; only a message that cannot be encoded throws (`encode`).
   */
  async call(call: Call): Promise<CallResult> {
    if (!this.#subscription || this.#frameworkId === undefined) return notSubscribed;
    return this.#subscription.call({ ...call, frameworkId: { value: this.#frameworkId } });
  }

  /** Ends the connection; the framework stays registered for its failover_timeout. No event follows. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#interrupt('closed');
    this.#onLeaderChange();
    await this.#running;
  }

  async #run(): Promise<void> {
    const stopWatching = this.#options.master.watch((leader) => this.#follow(leader));
    try {
      while (!this.#closing.signal.aborted) {
        const leader = this.#leader ?? (await this.#someLeader());
        if (leader === undefined || !this.#options.mayConnect()) break;
        const end = await this.#attempt(leader);
        if (this.#closing.signal.aborted) break;
        if (end.kind === 'refused') {
          this.#emit({ type: 'refused', reason: end.reason, message: end.message });
          break;
        }
        await this.#pause(end.reason);
      }
    } finally {
      stopWatching();
    }
  }

  /** A finder that lost sight of the leader says nothing about the leader: only a new one ends the stream. */
  #follow(leader: Origin | undefined): void {
    const changed = leader !== undefined && leader !== this.#leader;
    this.#leader = leader ?? this.#leader;
    if (!changed) return;
    this.#backoff.reset();
    this.#interrupt(`${leader} leads now`);
    this.#onLeaderChange();
  }

  async #someLeader(): Promise<Origin | undefined> {
    await new Promise<void>((resolve) => (this.#onLeaderChange = resolve));
    return this.#closing.signal.aborted ? undefined : this.#leader;
  }

  async #pause(reason: string): Promise<void> {
    const retryInMs = this.#backoff.nextMs();
    // A new leader is worth trying at once.
    const wake = new AbortController();
    this.#onLeaderChange = () => wake.abort();
    this.#emit({ type: 'disconnected', reason, retryInMs });
    await sleep(retryInMs, this.#options.after, wake.signal);
  }

  /** One subscription from its attempt, through redirects, to its end. */
  async #attempt(leader: Origin): Promise<End> {
    const attempt = new AbortController();
    let interruption: string | undefined;
    this.#interrupt = (reason) => {
      interruption ??= reason;
      attempt.abort();
    };
    if (this.#closing.signal.aborted) attempt.abort();
    try {
      return await this.#subscribe(leader, attempt.signal);
    } catch (error) {
      return { kind: 'retry', reason: interruption ?? (error as Error).message };
    } finally {
      attempt.abort();
      this.#interrupt = () => {};
    }
  }

  async #subscribe(leader: Origin, signal: AbortSignal): Promise<End> {
    const { credential, timeoutMs } = this.#options;
    const onStale = (reason: string): void => this.#interrupt(reason);
    let origin = leader;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const call = this.#subscribeCall();
      const outcome = await subscribe({ origin, call, credential, timeoutMs, signal, onStale });
      if (outcome.kind === 'open') return this.#listen(origin, outcome.subscription, outcome.records);
      if (outcome.kind !== 'redirect') return outcome;
      origin = outcome.origin;
    }
    return { kind: 'retry', reason: `more than ${MAX_REDIRECTS} redirects` };
  }

  #subscribeCall(): SchedulerCall {
    const id = this.#frameworkId === undefined ? {} : { id: { value: this.#frameworkId } };
    return {
      type: 'SUBSCRIBE',
      // Mesos wants the id in both places or in neither.
      ...(id.id && { frameworkId: id.id }),
      subscribe: { ...this.#options.subscribeWith, frameworkInfo: { ...this.#options.framework, ...id } },
    };
  }

  async #listen(origin: Origin, subscription: Subscription, records: AsyncIterable<Buffer>): Promise<End> {
    const { after, missedHeartbeats } = this.#options;
    let patienceMs = missedHeartbeats * DEFAULT_HEARTBEAT_MS;
    const watchdog = new Watchdog(after, (silentMs) => this.#interrupt(`no heartbeat for ${silentMs} ms`));
    try {
      watchdog.heard(patienceMs);
      for await (const record of records) {
        const event = schedulerEvent.decode(record);
        if (event.type === 'SUBSCRIBED' && event.subscribed) {
          patienceMs = missedHeartbeats * this.#onSubscribed(origin, subscription, event.subscribed);
        }
        watchdog.heard(patienceMs);
        const end = this.#deliver(event);
        if (end) return end;
      }
      return { kind: 'retry', reason: 'the master ended the stream' };
    } finally {
      watchdog.stop();
      this.#subscription = undefined;
      subscription.close();
    }
  }

  /** Returns the heartbeat interval. */
  #onSubscribed(origin: Origin, subscription: Subscription, subscribed: SchedulerEventSubscribed): number {
    const { frameworkId, heartbeatIntervalSeconds, masterInfo } = subscribed;
    const heartbeatIntervalMs = heartbeatIntervalSeconds
      ? heartbeatIntervalSeconds * 1000
      : DEFAULT_HEARTBEAT_MS;
    this.#frameworkId = frameworkId.value;
    this.#subscription = subscription;
    this.#backoff.reset();
    this.#emit({
      type: 'subscribed',
      frameworkId: frameworkId.value,
      origin,
      master: masterInfo,
      heartbeatIntervalMs,
    });
    return heartbeatIntervalMs;
  }

  #deliver(event: SchedulerEvent): End | undefined {
    if (event.type === 'ERROR') {
      const message = event.error?.message ?? 'no reason given';
      return { kind: 'refused', reason: refusalReason(message), message };
    }
    const known = masterEvent(event);
    if (known) this.#emit(known);
    return undefined;
  }
}
