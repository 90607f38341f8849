/** What must hold, at every moment. It sees everything at once, which nobody within a history does. */
import type { ClusterRecord, Generation, Incarnation, Status, Voter } from '@cotton/core';
import { type Counts, covers, formatCounts, join, parseCounts, uuidOf } from './counts.ts';
import type { DataDirectory, Transaction } from './data.ts';
import type { Volume } from './hosts.ts';
import type { Executor } from './executor.ts';
import type { Mysqld } from './mysqld.ts';
import type { World } from './world.ts';

/** Generations a record may list: those of one epoch, and some epochs that were never settled. */
const ELECTORATE_MAX = 40;
/** A replica has to have said for so long that it hears the primary: schedulers learn of it late. */
const HEARD_FOR_MS = 3_500;

export class Oracle {
  readonly #world: World;
  /** Of each source: the newest transaction that a client was told is committed. */
  acknowledgedUpTo: number[] = [];
  acknowledgedCount = 0;
  readonly #acknowledgers = new Map<number, Mysqld>();
  /** Epochs before this one may have lost what they acknowledge: somebody accepted that. */
  #unsafeBefore = 0;
  /** An election under way may lose transactions: somebody accepted that. */
  #isWaived = false;
  /** ZooKeeper was restored; until an epoch opens again its record says nothing about what is where. */
  #isForgotten = false;
  #last: ClusterRecord | undefined;
  readonly #hearsSinceMs = new Map<string, number>();
  readonly #beganAtMs = new Map<number, number>();

  constructor(world: World) {
    this.#world = world;
  }

  get record(): ClusterRecord | undefined {
    return this.#world.zookeeper.stored?.record;
  }

  persisted(record: ClusterRecord): void {
    const before = this.#last;
    this.#last = record;
    if (record.epoch !== before?.epoch) this.#beganAtMs.set(record.epoch, this.#world.loop.nowMs);
    if (before) this.#checkOrder(before, record);
    if (before?.phase === 'steady' && record.phase === 'electing') this.#checkCause(before, record);
    if (record.electorate.length > ELECTORATE_MAX)
      this.#world.fail('bounded electorate', `${record.electorate.length} generations`);
    const isOpening = record.phase === 'steady' && before?.phase === 'electing';
    if (isOpening && record.election?.waived) this.#acceptLoss(record);
    else if (record.election?.waived) this.#isWaived = true;
    if (isOpening) this.#isForgotten = false;
    this.check();
  }

  #checkOrder(before: ClusterRecord, record: ClusterRecord): void {
    if (record.epoch < before.epoch)
      this.#world.fail('epochs only grow', `${before.epoch} to ${record.epoch}`);
    if (record.nextGeneration < before.nextGeneration)
      this.#world.fail('generations only grow', `${before.nextGeneration} to ${record.nextGeneration}`);
    const numbers = record.electorate.map((g) => g.number);
    if (numbers.some((n, at) => at > 0 && n <= (numbers[at - 1] ?? 0)))
      this.#world.fail('generations only grow', numbers.join());
  }

  /** The winner is what counts from now on, whatever else was acknowledged. */
  #acceptLoss(record: ClusterRecord): void {
    const elected = parseCounts(record.elected);
    this.acknowledgedUpTo = this.acknowledgedUpTo.map((n, source) => Math.min(n, elected[source] ?? 0));
    this.#unsafeBefore = record.epoch;
    this.#isWaived = false;
  }

  /** The highest epoch that was ever opened. */
  #newest = 0;

  restored(record: ClusterRecord | undefined): void {
    this.#beganAtMs.clear();
    this.#last = record;
    this.#isForgotten = true;
    this.#isWaived = false;
  }

  /** Since when an epoch after this one has been in force. */
  deposedSinceMs(epoch: number): number | undefined {
    if (this.#isForgotten || (this.record?.epoch ?? 0) <= epoch) return undefined;
    return Math.min(...[...this.#beganAtMs].flatMap(([begun, atMs]) => (begun > epoch ? [atMs] : [])));
  }

  /** A client is told that this is committed. */
  acknowledged(mysqld: Mysqld, { source, n }: Transaction): void {
    const epoch = mysqld.openedIn;
    if (epoch < this.#unsafeBefore || this.#isWaived) return;
    const other = this.#acknowledgers.get(epoch);
    if (!other) this.#acknowledgers.set(epoch, mysqld);
    else if (other !== mysqld)
      this.#world.fail(
        'one acknowledges in an epoch',
        `${other.instance} and ${mysqld.instance} in ${epoch}`,
      );
    this.acknowledgedCount++;
    this.acknowledgedUpTo[source] = Math.max(this.acknowledgedUpTo[source] ?? 0, n);
    const { record } = this;
    if (!record || this.#isForgotten) return;
    const isDeposed = record.epoch > epoch && record.phase !== 'electing';
    if (isDeposed && (parseCounts(record.elected)[source] ?? 0) < n)
      this.#world.fail(
        'a deposed primary acknowledges nothing new',
        `${mysqld.instance} of epoch ${epoch}: ${source}:${n}`,
      );
    this.#checkQuorum(record, source, n);
  }

  /** A primary lets writes in. */
  opened(mysqld: Mysqld, epoch: number, ackCount: number): void {
    const executor = this.#world.executors.get(mysqld.instance);
    if (executor?.mysqld === mysqld && executor.volume.epoch.ledEpoch < epoch)
      this.#world.fail('a lead is durable before it begins', `${mysqld.instance} opens epoch ${epoch}`);
    this.#world.note(() => `${mysqld.instance} opens in epoch ${epoch} with k = ${ackCount}`);
    this.#newest = Math.max(this.#newest, epoch);
    // A deposed one that opens late, or again by an old copy's word, can have nothing acknowledged.
    const newest = this.#isForgotten ? this.#newest : (this.record?.epoch ?? 0);
    if (this.#isWaived || epoch < this.#unsafeBefore || epoch < newest) return;
    if (!covers(mysqld.data.applied(), this.acknowledgedUpTo))
      this.#world.fail(
        'no acknowledged write is lost',
        `${mysqld.instance} opens epoch ${epoch} with ${formatCounts(mysqld.data.applied())}, acknowledged were ${formatCounts(this.acknowledgedUpTo)}`,
      );
  }

  /** After anything that changes who may have what. */
  check(): void {
    const { record } = this;
    if (!record || this.#isForgotten || this.#isWaived) return;
    for (let source = 0; source < this.acknowledgedUpTo.length; source++) {
      const n = this.acknowledgedUpTo[source] ?? 0;
      if (n > 0) this.#checkQuorum(record, source, n);
    }
  }

  /**
   * For one listed generation k of its voters have it, and so do the primaries from that generation on. Whoever can
   * never report again as what it was counts as having it: it cannot complete an election's bound.
   */
  #checkQuorum({ electorate, phase }: ClusterRecord, source: number, n: number): void {
    if (phase === 'deleting' || phase === 'forming') return;
    let primariesHave = true;
    for (let at = electorate.length - 1; at >= 0 && primariesHave; at--) {
      const generation = electorate[at];
      if (!generation) continue;
      primariesHave = this.#primaryHas(generation, source, n);
      if (primariesHave && this.#votersHave(generation, source, n)) return;
    }
    const listed = electorate.map(
      (g) =>
        `${g.number}{${g.voters.map((v) => v.instance).join(' ')}}/${g.ackCount} of ${g.primary.instance}`,
    );
    this.#world.fail(
      'the quorum invariant',
      `${source}:${n} is not where elections look: ${listed.join(', ')}`,
    );
  }

  #votersHave({ voters, ackCount }: Generation, source: number, n: number): boolean {
    let lacking = 0;
    for (const voter of voters) {
      const data = this.#dataOf(voter);
      if (data && !data.has(source, n)) lacking++;
    }
    return voters.length - lacking >= ackCount;
  }

  /** One that has lost what it was elected for does not answer as a primary. */
  #primaryHas({ primary, elected }: Generation, source: number, n: number): boolean {
    const data = this.#dataOf(primary);
    return !data || data.has(source, n) || !covers(data.all(), parseCounts(elected));
  }

  /** Data that could still answer for this voter or primary. */
  #dataOf(who: Voter | Incarnation): DataDirectory | undefined {
    const { volumeId, serverUuid } = 'data' in who ? who.data : who;
    for (const host of this.#world.hosts.all) {
      const data = host.volumes.get(volumeId)?.data;
      if (!data || data.isTorn || uuidOf(data.source) !== serverUuid) continue;
      if ('bootId' in who && host.bootId !== who.bootId) continue;
      return data;
    }
    return undefined;
  }

  /** Whether an election could ever hear enough: by who still can answer, not by who has. */
  isBoundReachable({ electorate, election }: ClusterRecord): boolean {
    if (election?.everyone) return true;
    return electorate.every((generation, at) => {
      const able = generation.voters.filter((v) => this.#dataOf(v)).length;
      const hasQuorum = generation.ackCount > 0 && able >= generation.voters.length - generation.ackCount + 1;
      return hasQuorum || electorate.slice(at).some((later) => this.#dataOf(later.primary));
    });
  }

  /** What a status says of durable things has to be so. */
  told({ instance, taskId, epoch, replication }: Status): void {
    const hears = replication?.attached === true && replication.hears;
    if (!hears) this.#hearsSinceMs.delete(instance);
    else if (!this.#hearsSinceMs.has(instance)) this.#hearsSinceMs.set(instance, this.#world.loop.nowMs);
    const executor = this.#world.executors.get(instance);
    const isTeller = executor?.alive && executor.names.taskId === taskId;
    if (isTeller && executor.volume.holder === executor && executor.volume.epoch.epoch < epoch)
      this.#world.fail('epochs are durable before they are told', `${instance} tells of epoch ${epoch}`);
  }

  fellSilent(instance: string): void {
    this.#hearsSinceMs.delete(instance);
  }

  /** Losing sight of a primary that its replicas hear is no reason to replace it. */
  #checkCause(before: ClusterRecord, { election, instances }: ClusterRecord): void {
    const current = before.electorate.at(-1);
    if (!current || !election?.cause.includes('lost its ZooKeeper session')) return;
    const isHeard = ({ instance }: Voter): boolean => {
      const executor = this.#world.executors.get(instance);
      const { task } = instances.find((i) => i.id === instance) ?? {};
      const isCurrent = task !== undefined && task?.id === executor?.names.taskId;
      const heardForMs = this.#world.loop.nowMs - (this.#hearsSinceMs.get(instance) ?? Infinity);
      return isCurrent && executor?.client.state === 'connected' && heardForMs > HEARD_FOR_MS;
    };
    if (current.ackCount > 0 && current.voters.filter(isHeard).length >= current.ackCount)
      this.#world.fail('no failover of a primary that is heard', election.cause);
  }

  destroying(volume: Volume): void {
    const { record } = this;
    const uuid = volume.data && uuidOf(volume.data.source);
    const isListed = record?.electorate.some((g) =>
      [g.primary.data, ...g.voters].some((d) => d.volumeId === volume.id && d.serverUuid === uuid),
    );
    // What the master was told before ZooKeeper forgot it is no fault of the old copy's readers.
    if (isListed && !this.#isForgotten) this.#world.fail('no needed volume is destroyed', volume.id);
  }

  killing(taskId: string): void {
    const { record } = this;
    const instance = record?.instances.find((i) => i.task?.id === taskId)?.id;
    if (!record || instance === undefined || record.phase === 'deleting') return;
    const isListed = record.electorate.some((g) =>
      [g.primary, ...g.voters].some((m) => m.instance === instance),
    );
    if (isListed) this.#world.fail('no needed member is killed', instance);
  }

  /** What only this instance has is about to be replaced: it must have been saved. */
  rebuilding({ volume, instance, control, names }: Executor): void {
    const uuid = volume.data && uuidOf(volume.data.source);
    const isVoter = (v: Voter): boolean =>
      v.instance === instance &&
      v.volumeId === volume.id &&
      v.serverUuid === uuid &&
      v.bootId === names.bootId;
    if (control?.inSync.some(isVoter)) this.#world.fail('no voter is rebuilt', instance);
    const primary = this.record?.primary?.instance;
    const data = primary === undefined ? undefined : this.#world.mysqldOf(primary)?.data;
    if (!data || !volume.data) return;
    const saved = volume.errant.map((slice) => parseCounts(slice.gtids));
    const kept = saved.reduce<Counts>((all, slice) => join(all, slice), data.all());
    // A tenant's FLUSH in the very moment between comparing and copying has nothing in it worth saving.
    const held = volume.data
      .all()
      .map((n, source) => n - (source === volume.data?.source ? volume.data.locals : 0));
    if (!covers(kept, held))
      this.#world.fail('errant transactions are saved', `${instance} drops ${formatCounts(held)}`);
  }
}
