/** What HTTP sees of this process, leader or standby. */
import { discoverPath } from '@cotton/coordination';
import { formatZkUrl } from '@cotton/zookeeper';
import type {
  ChangeInput,
  ClusterEntry,
  ClusterService,
  CreateInput,
  FailoverInput,
  Outcome,
  SchedulerCounters,
  Started,
  SwitchoverInput,
} from './cluster-service.ts';
import { newCounters } from './engine/counters.ts';
import type { Engine } from './engine/engine.ts';
import { EventFeed } from './event-feed.ts';

const CHANGE_PAUSE_MS = 100;

/** The election and the term tell what happened; HTTP asks. */
export class SchedulerService implements ClusterService {
  readonly events = new EventFeed();

  readonly #zk: { servers: string; path: string };
  readonly #ownUrl: string;
  readonly #listeners = new Set<() => void>();
  #pending: NodeJS.Timeout | undefined;
  #message = 'starting';
  #leader: string | undefined;
  #engine: Engine | undefined;
  #isSubscribed = false;
  #masterIsStandIn = false;
  #mesos: Readonly<{ master: string | null; frameworkId: string | null }> = {
    master: null,
    frameworkId: null,
  };

  /** @param ownUrl as it stands in the election node */
  constructor(zk: { servers: string; path: string }, ownUrl: string) {
    this.#zk = zk;
    this.#ownUrl = ownUrl;
  }

  standsBy(): void {
    this.#message = 'standing by';
  }

  /** @param url undefined: nobody leads */
  leaderIs(url: string | undefined): void {
    this.#leader = url;
  }

  elected(): void {
    this.#message = 'elected, loading the state';
  }

  /** The state is loaded. */
  began(engine: Engine): void {
    this.#engine = engine;
  }

  /** A master answered. */
  foundMesos(mesos: { master: string; frameworkId: string }): void {
    this.#mesos = mesos;
  }

  /** With that master, under a framework id that is stored. */
  subscribed(): void {
    this.#isSubscribed = true;
    this.#message = 'subscribed with the Mesos master';
  }

  noteStandIn(isStandIn: boolean): void {
    this.#masterIsStandIn = isStandIn;
  }

  lostMesos(reason: string): void {
    this.#isSubscribed = false;
    this.#message = `not connected to a Mesos master: ${reason}`;
  }

  ended(): void {
    this.#engine = undefined;
    this.#isSubscribed = false;
  }

  /** The last one that answered. */
  get mesos(): { master: string | null; frameworkId: string | null } {
    return this.#mesos;
  }

  leading(): boolean {
    return this.#engine !== undefined;
  }

  leaderUrl(): string | undefined {
    // Elected and not loaded yet, or a node that an earlier process of this address left: nobody can serve for us.
    return this.#leader === this.#ownUrl && !this.#engine ? undefined : this.#leader;
  }

  ready(): boolean {
    return this.#engine !== undefined && this.#isSubscribed;
  }

  status(): string {
    return this.#message;
  }

  clusterUrl(name: string): string {
    return formatZkUrl({ servers: this.#zk.servers, path: discoverPath(this.#zk.path, name) });
  }

  list(): ClusterEntry[] {
    return this.#engine?.list() ?? [];
  }

  find(name: string): ClusterEntry | undefined {
    return this.#engine?.find(name);
  }

  create(input: CreateInput): Promise<Outcome<{ entry: ClusterEntry; password: string }>> {
    return this.#whenReady((engine) => engine.requests.create(input));
  }

  change(name: string, input: ChangeInput): Promise<Outcome<ClusterEntry>> {
    return this.#whenLeading((engine) => engine.requests.change(name, input));
  }

  switchOver(name: string, input: SwitchoverInput): Promise<Outcome<Started>> {
    return this.#whenLeading((engine) => engine.requests.switchOver(name, input));
  }

  planSwitchover(name: string, input: SwitchoverInput): Promise<Outcome<{ from: string; to: string }>> {
    return this.#whenLeading((engine) => engine.requests.planSwitchover(name, input));
  }

  failOver(name: string, input: FailoverInput): Promise<Outcome<Started>> {
    return this.#whenLeading((engine) => engine.requests.failOver(name, input));
  }

  setHold(name: string, on: boolean): Promise<Outcome<ClusterEntry>> {
    return this.#whenLeading((engine) => engine.requests.setHold(name, on));
  }

  delete(name: string, password: string): Promise<Outcome<ClusterEntry>> {
    return this.#whenLeading((engine) => engine.requests.delete(name, password));
  }

  deleteWithoutPassword(name: string): Promise<Outcome<ClusterEntry>> {
    return this.#whenLeading((engine) => engine.requests.delete(name, undefined));
  }

  passwordMatches(name: string, password: string): boolean {
    return this.#engine?.requests.passwordMatches(name, password) ?? false;
  }

  counters(): SchedulerCounters {
    return this.#engine?.counters ?? newCounters();
  }

  standIn(): boolean {
    return this.#masterIsStandIn;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells listeners soon; many changes of one moment are told once. */
  changed(): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      for (const listener of this.#listeners) listener();
    }, CHANGE_PAUSE_MS).unref();
  }

  /** The original answers 503 to POST until it is connected to Mesos: nothing could be launched. */
  async #whenReady<T>(act: (engine: Engine) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    return this.#whenLeading(async (engine) =>
      this.#isSubscribed ? act(engine) : { ok: false, refusal: 'not_ready' },
    );
  }

  async #whenLeading<T>(act: (engine: Engine) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    return this.#engine ? act(this.#engine) : { ok: false, refusal: 'not_leading' };
  }
}
