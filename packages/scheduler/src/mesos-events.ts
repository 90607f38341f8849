/** What the Mesos master says during one term: it goes to the engine, in a safe order, and to what HTTP shows. */
import type { Offer, SchedulerConnectionEvent } from '@cotton/mesos';
import { masterInfo, originOfMasterInfo } from '@cotton/mesos';
import type { MesosAdapter } from './adapters/mesos.ts';
import type { OpenedState } from './adapters/state.ts';
import type { Engine } from './engine/engine.ts';
import type { EngineLog } from './engine/ports.ts';
import { refusalError } from './mesos/refusal.ts';
import type { SchedulerService } from './service.ts';

export interface MesosEventsDeps {
  engine: Pick<
    Engine,
    'subscribed' | 'disconnected' | 'offers' | 'rescind' | 'taskUpdate' | 'agentLost' | 'records'
  >;
  mesos: Pick<MesosAdapter, 'master' | 'isStandIn'>;
  state: Pick<OpenedState, 'frameworkId' | 'saveFrameworkId'>;
  service: Pick<SchedulerService, 'foundMesos' | 'subscribed' | 'lostMesos' | 'noteStandIn'>;
  log: EngineLog;
  isLeader(): boolean;
  /** The scheduler cannot go on: the process must end with this. */
  onFatal(error: unknown): void;
}

type Of<Type> = Extract<SchedulerConnectionEvent, { type: Type }>;

export class MesosEvents {
  readonly #deps: MesosEventsDeps;
  /** Counts disconnections: what came before the last one is void. */
  #subscription = 0;
  #idStored = Promise.resolve();

  constructor(deps: MesosEventsDeps) {
    this.#deps = deps;
  }

  /** Returns at once. */
  handle(event: SchedulerConnectionEvent): void {
    // Deposed in our sleep: what Mesos tells us now, that we failed over above all, is our successor's doing.
    if (!this.#deps.isLeader()) return;
    void this.#dispatch(event).catch(this.#deps.onFatal);
  }

  async #dispatch(event: SchedulerConnectionEvent): Promise<void> {
    const { engine } = this.#deps;
    switch (event.type) {
      case 'subscribed':
        return this.#subscribed(event);
      case 'disconnected':
        return this.#disconnected(event);
      case 'offers':
        return this.#offers(event.offers);
      case 'rescind':
        return this.#rescind(event.offerId);
      case 'update':
        return engine.taskUpdate(event.status);
      case 'failure':
        return this.#failure(event);
      case 'refused':
        throw refusalError(event, engine.records().length);
      default:
        return undefined;
    }
  }

  /** Nothing is awaited before the desk is reset: a real master sends offers within milliseconds. */
  async #subscribed({ frameworkId, origin, master }: Of<'subscribed'>): Promise<void> {
    const { engine, mesos, state, service, log } = this.#deps;
    const began = this.#subscription;
    if (frameworkId !== state.frameworkId) this.#idStored = state.saveFrameworkId(frameworkId);
    // Where it answered, not where it says it is: behind NAT or a forwarded port that is somewhere else.
    mesos.master(origin);
    engine.subscribed();
    const told = master ? originOfMasterInfo(masterInfo.toJson(master)) : origin;
    service.foundMesos({ master: told.replace(/^http:\/\//, ''), frameworkId });
    await this.#idStored;
    if (began !== this.#subscription) return;
    service.subscribed();
    const standIn = await mesos.isStandIn();
    service.noteStandIn(standIn);
    log.info({ framework: frameworkId, standIn }, 'subscribed with the Mesos master');
  }

  #disconnected({ reason, retryInMs }: Of<'disconnected'>): void {
    this.#subscription++;
    this.#deps.engine.disconnected();
    this.#deps.service.lostMesos(reason);
    this.#deps.log.warn({ reason, retryInMs }, 'not connected to a Mesos master');
  }

  /** Under a framework id that nobody remembers our tasks would belong to nobody: no offer is used before it is stored. */
  async #offers(offers: Offer[]): Promise<void> {
    const received = this.#subscription;
    await this.#idStored;
    if (received === this.#subscription) this.#deps.engine.offers(offers);
  }

  async #rescind(offerId: string): Promise<void> {
    await this.#idStored; // it must not overtake the offer
    this.#deps.engine.rescind(offerId);
  }

  #failure({ agentId, executorId, status }: Of<'failure'>): void {
    this.#deps.log.info({ agent: agentId, executor: executorId, status }, 'mesos failure');
    if (agentId !== undefined && executorId === undefined) this.#deps.engine.agentLost(agentId);
  }
}
