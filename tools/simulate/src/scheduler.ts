/**
 * One scheduler: campaigns, and when it leads decides, persists, then acts, as packages/scheduler does. All decisions
 * are those of packages/core.
 */
import type { ClusterRecord, Decision, Launch, Observation, Status, TaskUpdate } from '@cotton/core';
import {
  applyLaunch,
  applyReleased,
  applyTaskUpdate,
  controlOf,
  decide,
  discoveryOf,
  newClusterRecord,
  mayBeLater,
  place,
  wantsTask,
} from '@cotton/core';
import { MASTER, SCHEDULERS } from './network.ts';
import { Process } from './process.ts';
import type { World } from './world.ts';
import { type Session, ZooKeeperClient } from './zookeeper.ts';

type Change = (record: ClusterRecord, seen: Observation) => ClusterRecord;

const ABSENCE_LOOK_MS = 250;
const KILL_REPEAT_MS = 5_000;
const LOOK_FOR_OFFERS_MS = 400;
const PUBLISH_AGAIN_MS = 300;
export const UID = 'simulated000';

export class Scheduler extends Process {
  readonly world: World;
  readonly index: number;
  readonly #client: ZooKeeperClient;
  isLeading = false;
  record: ClusterRecord | undefined;
  #session: Session | null = null;
  #version: number | null = null;
  #statuses: Map<string, Status> | undefined;
  #fresh: ReadonlySet<string> = new Set();
  #changes: { change: Change; onDone: () => void }[] = [];
  #isBusy = false;
  #isDirty = false;
  #isPlacing = false;
  /** Another leader made it. */
  #isLoaded = false;
  #wake = 0;
  #published = '';
  readonly #killedAtMs = new Map<string, number>();

  constructor(world: World, index: number) {
    super(world.loop, `scheduler ${index}`);
    this.world = world;
    this.index = index;
    this.#client = new ZooKeeperClient(world, this, SCHEDULERS[index === 0 ? 0 : 1], {
      onSession: () => this.#sessionBegan(),
      onReconnect: () => this.#confirm(),
      onStatuses: (statuses, fresh) => {
        this.#statuses = statuses;
        this.#fresh = fresh;
        this.touch();
      },
    });
  }

  get canHearMesos(): boolean {
    const { mesos, network } = this.world;
    const reaches = network.reaches(SCHEDULERS[this.index === 0 ? 0 : 1], MASTER);
    return this.isLeading && this.alive && mesos.isSubscribed(this) && reaches;
  }

  #sessionBegan(): void {
    const { session } = this.#client;
    if (!session) return;
    // One that led in another session is deposed.
    if (this.isLeading) return this.exit('it lost its session');
    this.#session = session;
    this.world.zookeeper.campaign(session, () => this.do(() => this.#lead(session)));
  }

  /** What it wrote last may be gone, with a ZooKeeper that came back from an old copy. */
  #confirm(): void {
    this.#fresh = new Set();
    if (!this.isLeading) return;
    let now: number | null = null;
    const read = (): void => void (now = this.world.zookeeper.stored?.version ?? null);
    const was = this.#version;
    this.#client.write(read, (isDone) => {
      if (isDone && this.isLeading && (now ?? 0) < (was ?? 0)) this.exit('ZooKeeper was restored', true);
    });
  }

  #lead(session: Session): void {
    if (this.#session !== session || !session.isAlive || this.isLeading) return;
    const stored = this.world.zookeeper.stored;
    this.after(this.world.network.delayMs() * 2, () => {
      this.isLeading = true;
      this.#version = stored?.version ?? null;
      this.record = stored?.record ?? this.#newRecord();
      this.#isLoaded = stored !== undefined;
      this.world.note(() => `scheduler ${this.index} leads`);
      const tasks = this.record.instances.flatMap((i) => (i.task ? [i.task.id] : []));
      this.world.mesos.subscribe(this, tasks);
      this.touch();
    });
  }

  #newRecord(): ClusterRecord {
    const { nodes, durability } = this.world.shape;
    const size = { cpus: 1, memMb: 512, diskMb: 1_024 };
    const spec = { nodes, size, user: 'app', durability, promotion: {}, hold: false };
    return newClusterRecord({
      uid: UID,
      name: 'c',
      spec,
      sealedSecrets: '',
      requestKey: null,
      nowMs: this.loop.nowMs,
    });
  }

  /** Its process ends, and gives its session back or not; whoever keeps it starts it again. */
  exit(why: string, isOrderly = false): void {
    if (!this.alive) return;
    this.world.note(() => `scheduler ${this.index} ends: ${why}`);
    this.kill();
    this.#client.close(isOrderly);
    this.loop.after(this.world.random.between(200, 1_500), () => this.world.startScheduler(this.index));
  }

  observe(): Observation {
    const { shape, sessionTimeoutMs, loop } = this.world;
    return {
      nowMs: loop.nowMs,
      nonce: `n${this.world.newId()}`,
      statuses: this.#statuses ?? new Map(),
      fresh: this.#fresh,
      absenceCounts: this.#statuses !== undefined && this.#client.connectedForMs > sessionTimeoutMs,
      memberSessionTimeoutMs: sessionTimeoutMs,
      replacementTimeoutMs: shape.replacementTimeoutMs,
      electionTimeoutMs: shape.electionTimeoutMs,
    };
  }

  touch(): void {
    this.#isDirty = true;
    this.#startTurn();
  }

  /** Applies a change in the next turn; `onDone` when it was persisted. */
  change(change: Change, onDone: () => void = () => undefined): void {
    if (!this.isLeading) return;
    this.#changes.push({ change, onDone });
    this.touch();
  }

  taskUpdated(update: TaskUpdate, acknowledge: () => void): void {
    const isKnown = this.record?.instances.some((i) => i.task?.id === update.taskId);
    // Its launch was given up as lost, or the record is an old copy.
    if (!isKnown && this.isLeading) {
      const isLive = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING'].includes(update.state);
      if (isLive && this.record && mayBeLater(this.record, update.taskId)) return;
      if (isLive && this.canHearMesos) this.world.mesos.kill(update.taskId);
      return acknowledge();
    }
    this.change((record) => applyTaskUpdate(record, update, this.loop.nowMs), acknowledge);
  }

  #startTurn(): void {
    if (this.#isBusy || !this.#isDirty || !this.isLeading) return;
    this.#isBusy = true;
    this.after(this.world.random.between(0.1, 1), () => this.#takeTurn());
  }

  #takeTurn(): void {
    if (!this.record) return;
    this.#isDirty = false;
    const changes = this.#changes.splice(0);
    const seen = this.observe();
    const changed = changes.reduce((record, { change }) => change(record, seen), this.record);
    const decision = decide(changed, seen);
    const act = (): void => {
      for (const { onDone } of changes) onDone();
      this.#act(decision);
    };
    if (decision.record === this.record && this.#version !== null) return act();
    this.world.hook('decided', 'scheduler');
    if (this.world.has('acts-before-persisting')) this.#act(decision);
    this.after(this.world.random.between(0.1, 1), () => this.#persist(decision.record, act));
  }

  #persist(next: ClusterRecord, act: () => void): void {
    let isSaved = false;
    const save = (session: Session): void => {
      isSaved = this.world.zookeeper.save(session, next, controlOf(next, {}), this.#version);
      if (isSaved) this.#version = this.world.zookeeper.stored?.version ?? null;
    };
    const answer = (isDone: boolean | undefined): void => {
      // Not knowing is as bad as being refused: the next leader reads what stands there.
      if (!isDone || !isSaved) return this.exit('its write was refused');
      this.record = next;
      this.world.note(() => describe(next));
      this.world.hook('persisted', 'scheduler');
      this.after(this.world.random.between(0, 1), act);
    };
    const session = this.#session;
    if (this.world.has('late-write-of-a-deposed-scheduler') && session)
      return this.loop.after(1, () => {
        save(session);
        this.after(1, () => answer(true));
      });
    this.#client.write(save, answer);
  }

  #act(decision: Decision): void {
    const { record } = this;
    if (!record) return;
    for (const { taskId } of decision.kills) this.#kill(taskId);
    this.#publish(record);
    const { nowMs } = this.loop;
    const repeatKillsAtMs = decision.kills.length > 0 ? nowMs + KILL_REPEAT_MS : null;
    const absenceAtMs = this.observe().absenceCounts ? null : nowMs + ABSENCE_LOOK_MS;
    this.#wakeAt(repeatKillsAtMs, absenceAtMs, decision.wakeAtMs);
    this.#placeSoon(record);
    this.#isBusy = false;
    this.#startTurn();
  }

  #kill(taskId: string): void {
    if (this.loop.nowMs - (this.#killedAtMs.get(taskId) ?? -Infinity) < KILL_REPEAT_MS) return;
    this.#killedAtMs.set(taskId, this.loop.nowMs);
    if (this.canHearMesos) this.world.mesos.kill(taskId);
  }

  #publish(record: ClusterRecord): void {
    const discovery = discoveryOf(record, this.observe());
    const text = JSON.stringify(discovery);
    if (text === this.#published) return;
    this.#published = text;
    const set = (session: Session): void => {
      if (this.world.zookeeper.leader === session) this.world.zookeeper.discovery = discovery;
    };
    this.#client.write(set, (isDone) => {
      if (isDone) return;
      this.#published = '';
      this.after(PUBLISH_AGAIN_MS, () => this.touch());
    });
  }

  #wakeAt(...times: (number | null)[]): void {
    const at = Math.min(...times.map((time) => time ?? Infinity));
    const wake = ++this.#wake;
    if (at === Infinity) return;
    this.after(Math.max(10, at - this.loop.nowMs), () => {
      if (wake === this.#wake) this.touch();
    });
  }

  #placeSoon(record: ClusterRecord): void {
    const wants = record.instances.some(
      (i) => !i.task || i.intent === 'remove' || i.task.state === 'unreachable',
    );
    if (!wants || this.#isPlacing) return;
    this.#isPlacing = true;
    this.after(this.world.random.between(20, LOOK_FOR_OFFERS_MS), () => {
      this.#isPlacing = false;
      this.#place();
    });
  }

  #place(): void {
    const { record, world } = this;
    if (!record || !this.canHearMesos) return this.#lookAgain();
    const unheard = new Set(this.#isLoaded && !this.observe().absenceCounts ? [UID] : []);
    const { launches, releases } = place([record], world.mesos.offers(UID), this.loop.nowMs, unheard);
    for (const launch of launches) this.#commit(launch, record);
    for (const release of releases) world.mesos.release(release);
    for (const { id, intent, task, home } of record.instances)
      if (intent === 'remove' && !task && home && world.mesos.isReleased(id, home.agentId, home.address))
        this.change((r) => applyReleased(r, id));
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.after(LOOK_FOR_OFFERS_MS, () => {
      if (this.record) this.#placeSoon(this.record);
    });
  }

  #commit(launch: Launch, { instances }: ClusterRecord): void {
    const planned = instances.find((i) => i.id === launch.instance);
    this.change(
      (record) => {
        const instance = record.instances.find((i) => i.id === launch.instance);
        return instance === planned && instance && wantsTask(record, instance)
          ? applyLaunch(record, launch, this.loop.nowMs)
          : record;
      },
      () => {
        const now = this.record?.instances.find((i) => i.id === launch.instance);
        if (now?.task?.id !== launch.taskId || !this.canHearMesos) return;
        this.world.hook('launch', launch.instance);
        this.world.mesos.launch(launch);
      },
    );
  }
}

function describe(record: ClusterRecord): string {
  const electorate = record.electorate.map(
    (g) => `${g.number}{${g.voters.map((v) => v.instance).join(' ')}}/${g.ackCount}`,
  );
  const barred = Object.keys(record.barred).join(' ');
  const task = record.instances.map(
    (i) => `${i.id}:${i.task?.state ?? '-'}${i.intent === 'remove' ? '!' : ''}`,
  );
  const cause = record.election?.cause ?? '';
  return `record: ${record.phase} e${record.epoch} ${record.primary?.instance ?? '-'} ${electorate.join(' ')} barred:${barred} ${task.join(' ')} ${cause}`;
}
