import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameworkInfo, TaskStatus } from '../../src/messages.ts';

interface Id {
  value: string;
}

export interface TestOffer {
  id: Id;
  agent_id: Id;
  hostname: string;
  resources: {
    name: string;
    scalar?: { value: number };
    reservations?: unknown[];
    disk?: { persistence?: { id: string } };
  }[];
  executor_ids?: Id[];
}

/** One event of the scheduler's stream, as the JSON has it. */
export interface TestEvent {
  type: string;
  offers?: { offers: TestOffer[] };
  update?: { status: TaskStatus };
  rescind?: { offer_id: Id };
  failure?: { agent_id?: Id; executor_id?: Id; status?: number };
  error?: { message: string };
  message?: { agent_id: Id; executor_id: Id; data: string };
  update_operation_status?: {
    status: { operation_id: Id; state: string; message?: string; uuid?: Id; agent_id?: Id };
  };
  subscribed?: { framework_id: Id };
}

const CAPABILITIES = ['MULTI_ROLE', 'RESERVATION_REFINEMENT', 'PARTITION_AWARE', 'TASK_KILLING_STATE'];

export const frameworkInfo = (changes: Partial<FrameworkInfo> = {}): FrameworkInfo => ({
  user: process.env['USER'] ?? 'root',
  name: 'test',
  roles: ['eng'],
  checkpoint: true,
  failover_timeout: 600,
  principal: 'cotton',
  capabilities: CAPABILITIES.map((type) => ({ type })),
  ...changes,
});

/** A scheduler for tests: JSON, fetch, every event kept. */
export class TestScheduler {
  readonly url: string;
  frameworkId = '';
  streamId = '';
  readonly events: TestEvent[] = [];
  status = 0;
  closed = false;
  /** Acknowledges updates as they come. */
  acknowledging = true;
  #abort = new AbortController();
  readonly #taken = new Set<TestEvent>();
  readonly #rescinded = new Set<string>();
  readonly #acknowledgements: Promise<number>[] = [];

  constructor(masterUrl: string) {
    this.url = `${masterUrl}/api/v1/scheduler`;
  }

  static async subscribed(masterUrl: string, changes: Partial<FrameworkInfo> = {}): Promise<TestScheduler> {
    const scheduler = new TestScheduler(masterUrl);
    await scheduler.subscribe(frameworkInfo(changes));
    await scheduler.next((event) => event.type === 'SUBSCRIBED');
    return scheduler;
  }

  async subscribe(info: FrameworkInfo, extras: object = {}): Promise<void> {
    this.#abort = new AbortController();
    this.closed = false;
    const id = info.id ?? (this.frameworkId === '' ? undefined : { value: this.frameworkId });
    const call = {
      type: 'SUBSCRIBE',
      ...(id && { framework_id: id }),
      subscribe: { framework_info: { ...info, ...(id && { id }) }, ...extras },
    };
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(call),
      signal: this.#abort.signal,
    });
    this.status = response.status;
    this.streamId = response.headers.get('mesos-stream-id') ?? '';
    if (response.status === 200) void this.#read(response.body!).finally(() => (this.closed = true));
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let pending = Buffer.alloc(0);
    try {
      for await (const chunk of body) {
        pending = Buffer.concat([pending, chunk]);
        for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
          const length = Number(pending.subarray(0, end).toString());
          if (pending.length < end + 1 + length) break;
          this.#take(JSON.parse(pending.subarray(end + 1, end + 1 + length).toString()) as TestEvent);
          pending = pending.subarray(end + 1 + length);
        }
      }
    } catch {
      // The stream was cut.
    }
  }

  #take(event: TestEvent): void {
    this.events.push(event);
    if (event.subscribed) this.frameworkId = event.subscribed.framework_id.value;
    if (event.rescind) this.#rescinded.add(event.rescind.offer_id.value);
    const status = event.update?.status;
    if (this.acknowledging && status?.uuid !== undefined)
      // A master that was killed in between answers nothing.
      this.#acknowledgements.push(this.acknowledge(status).catch(() => 0));
  }

  /** When every acknowledgement so far was answered: the agent will not send those updates again. */
  async acknowledged(): Promise<void> {
    await Promise.all(this.#acknowledgements.splice(0));
  }

  acknowledge({ agent_id: agentId, task_id: taskId, uuid }: TaskStatus): Promise<number> {
    return this.call({ type: 'ACKNOWLEDGE', acknowledge: { agent_id: agentId, task_id: taskId, uuid } });
  }

  /** Sends a call; resolves with the status. */
  async call(call: object): Promise<number> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'mesos-stream-id': this.streamId },
      body: JSON.stringify({ framework_id: { value: this.frameworkId }, ...call }),
    });
    await response.text();
    return response.status;
  }

  /** The next event nobody has taken yet that fits; earlier ones that do not fit stay. */
  async next(fits: (event: TestEvent) => boolean, timeoutMs = 10_000): Promise<TestEvent> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.events.find((event) => !this.#taken.has(event) && fits(event));
      if (found) {
        this.#taken.add(found);
        return found;
      }
      if (Date.now() > deadline)
        throw new Error(`no such event among ${JSON.stringify(this.events.slice(-8), null, 1)}`);
      await sleep(10);
    }
  }

  /** An offer that stands and fits. */
  async offer(fits: (offer: TestOffer) => boolean = () => true, timeoutMs?: number): Promise<TestOffer> {
    const good = (offer: TestOffer) => !this.#rescinded.has(offer.id.value) && fits(offer);
    const event = await this.next((one) => one.offers?.offers.some(good) ?? false, timeoutMs);
    return event.offers!.offers.find(good)!;
  }

  /**
   * The same, but resources freed at different times come as separate offers: whatever does not fit is
   * declined, so that it is joined with the rest.
   */
  async mergedOffer(fits: (offer: TestOffer) => boolean, timeoutMs = 15_000): Promise<TestOffer> {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(100)) {
      for (const event of this.events.filter(({ offers }) => offers !== undefined)) {
        if (this.#taken.has(event)) continue;
        this.#taken.add(event);
        const fitting = event.offers!.offers.find((one) => !this.#rescinded.has(one.id.value) && fits(one));
        if (fitting) return fitting;
        const ids = event.offers!.offers.map(({ id }) => id);
        await this.call({ type: 'DECLINE', decline: { offer_ids: ids, filters: { refuse_seconds: 0 } } });
      }
    }
    throw new Error('no such offer came');
  }

  async update(taskId: string, state: string, timeoutMs?: number): Promise<TaskStatus> {
    const fits = ({ update }: TestEvent) =>
      update?.status.task_id.value === taskId && update.status.state === state;
    return (await this.next(fits, timeoutMs)).update!.status;
  }

  /** The next news of an operation. */
  async operation(id: string): Promise<NonNullable<TestEvent['update_operation_status']>['status']> {
    const event = await this.next((one) => one.update_operation_status?.status.operation_id.value === id);
    return event.update_operation_status!.status;
  }

  accept(offerIds: string[], operations: object[], refuseSeconds = 0): Promise<number> {
    return this.call({
      type: 'ACCEPT',
      accept: {
        offer_ids: offerIds.map((value) => ({ value })),
        operations,
        filters: { refuse_seconds: refuseSeconds },
      },
    });
  }

  tell(agentId: string, executorId: string, order: object): Promise<number> {
    const data = Buffer.from(JSON.stringify(order)).toString('base64');
    return this.call({
      type: 'MESSAGE',
      message: { agent_id: { value: agentId }, executor_id: { value: executorId }, data },
    });
  }

  /** The text of the next message from an executor. */
  async heard(): Promise<string> {
    const event = await this.next((one) => one.type === 'MESSAGE');
    return Buffer.from(event.message!.data, 'base64').toString('utf8');
  }

  cut(): void {
    this.#abort.abort();
  }
}
