/** What a replica does: compares itself with its source, attaches, is rebuilt where it must be. */
import type { Duty } from '@cotton/core';
import { noteDetached } from '@cotton/executor/brain';
import { type Counts, covers, formatCounts, join, parseCounts, uuidOf } from './counts.ts';
import { DataDirectory } from './data.ts';
import type { Executor } from './executor.ts';
import { startApplier } from './lead.ts';
import type { Mysqld } from './mysqld.ts';
import type { Steps } from './process.ts';
import { stopReceiver } from './receiver.ts';
import { Receiver } from './replication.ts';
import { serving, sql, StepFailed } from './statement.ts';

type Follow = Extract<Duty, { kind: 'follow' }>;

const COMPARE_MS = 5_000;
const CONNECT_MS = 1_600;
const CLONE_MS = 30_000;

function followDuty(duty: Duty): Follow {
  if (duty.kind === 'follow') return duty;
  throw new StepFailed('control names no source to follow');
}

export function* followSource(executor: Executor, given: Duty): Steps {
  const { state } = executor;
  const duty = followDuty(given);
  const target = (yield* isSibling(executor, duty)) ? duty.elected : yield* compare(executor, duty);
  if (target === undefined) return;
  const isHonest = !executor.world.has('half-done-semi-sync-told-as-off');
  Object.assign(state, {
    receiving: true,
    reportedEpoch: null,
    following: isHonest ? null : state.following,
  });
  yield* attach(executor, duty, duty.semiSync);
  Object.assign(state, { caughtUp: false, catchUp: target, compared: true });
  const { epoch, sourceUuid, semiSync } = duty;
  state.following = { epoch, source: duty.source.instance, sourceUuid, semiSync };
}

export function* setSemiSync(executor: Executor, given: Duty, on: boolean): Steps {
  const { state, world } = executor;
  const { following } = state;
  if (!world.has('half-done-semi-sync-told-as-off')) state.following = null;
  yield* attach(executor, followDuty(given), on);
  if (following && state.receiving) state.following = { ...following, semiSync: on };
}

/** A voter of the epoch's beginning that holds nothing beyond what was elected fits by that alone. */
function* isSibling(executor: Executor, { elected, semiSync }: Follow): Steps<boolean> {
  if (!semiSync || elected === '') return false;
  const own = yield* sql(executor, (m) => m.data.all());
  return covers(parseCounts(elected), own);
}

function* attach(executor: Executor, { source, sourceUuid }: Follow, semiSync: boolean): Steps {
  const { world } = executor;
  if (!serving(executor).isReadOnly) throw new StepFailed('not read only');
  yield* sql(executor, startApplier);
  const isSame = yield* sql(executor, (m) => isFollowing(m, source.instance, semiSync));
  if (!isSame) {
    yield* sql(executor, (m) => {
      if (!world.has('semi-sync-off-on-a-running-thread') || semiSync) m.receiver?.stop();
      m.replicaSemiSync = semiSync;
    });
    yield* sql(executor, (m) => pointAt(m, source.instance));
    yield* sql(executor, (m) => {
      m.receiver ??= new Receiver(m, source.instance);
    });
  }
  const endsAtMs = world.loop.nowMs + CONNECT_MS;
  for (;;) {
    const receiver = serving(executor).receiver;
    if (!receiver || receiver.state === 'stopped')
      throw new StepFailed(receiver?.error ?? 'the receiver stopped');
    if (receiver.state === 'running') {
      if (receiver.connectedTo !== undefined && uuidOf(receiver.connectedTo) === sourceUuid) return;
      yield* sql(executor, (m) => m.receiver?.stop());
      throw new StepFailed('a stranger at the address of its source');
    }
    if (world.loop.nowMs >= endsAtMs) return;
    yield 10;
  }
}

function isFollowing(mysqld: Mysqld, source: string, semiSync: boolean): boolean {
  const { receiver } = mysqld;
  return (
    receiver?.source === source &&
    receiver.state !== 'stopped' &&
    receiver.acknowledges === semiSync &&
    mysqld.replicaSemiSync === semiSync &&
    mysqld.applierRuns
  );
}

/** CHANGE REPLICATION SOURCE: with the applier stopped, too, it throws away what was received [X8]. */
function pointAt(mysqld: Mysqld, source: string): void {
  const { data } = mysqld;
  if (data.channel === source || mysqld.receiver) return;
  if (mysqld.world.has('change-source-with-both-stopped')) data.relay = [];
  data.channel = source;
}

/** Returns the set to apply; undefined when it was rebuilt and has to be looked at anew. */
function* compare(executor: Executor, duty: Follow): Steps<string | undefined> {
  const { world } = executor;
  const source = duty.source.instance;
  const own = yield* sql(executor, (m) => m.data.all());
  const theirs = yield* ask(executor, source, (m) => inspect(m));
  const known = join(theirs.executed, parseCounts(duty.elected));
  const errant = theirs.isOpen ? beyond(own, known, theirs.source) : beyond(own, known);
  if (!errant && covers(own, theirs.purged)) return formatCounts(known);
  if (duty.semiSync && !world.has('rebuilds-while-counted-on')) {
    yield* stopReceiver(executor);
    throw new StepFailed(`does not fit ${source}, but is still counted on`);
  }
  if (errant) saveErrant(executor, errant);
  yield* executor.shielded(rebuild(executor, source));
  return undefined;
}

interface Side {
  source: number;
  executed: Counts;
  purged: Counts;
  isOpen: boolean;
}

function inspect(mysqld: Mysqld): Side {
  const { data, isReadOnly } = mysqld;
  return { source: data.source, executed: mysqld.executed(), purged: data.purged, isOpen: !isReadOnly };
}

/** What of `own` is beyond `known`, as counts; an open source shows its own newest later than we have them. */
function beyond(own: Counts, known: Counts, openSource?: number): Counts | undefined {
  const rest = own.map((count, source) =>
    source !== openSource && count > (known[source] ?? 0) ? count : 0,
  );
  return rest.some((count) => count > 0) ? rest : undefined;
}

/** A question to another mysqld, over the network. */
function* ask<T>(executor: Executor, instance: string, question: (mysqld: Mysqld) => T): Steps<T> {
  const { world, host } = executor;
  const endsAtMs = world.loop.nowMs + COMPARE_MS;
  for (;;) {
    yield world.takes(1, 10);
    const mysqld = world.mysqldOf(instance);
    if (mysqld && !mysqld.frozen && mysqld.data.hasAccounts && world.network.reaches(host.index, mysqld.host))
      return question(mysqld);
    if (!mysqld || world.loop.nowMs >= endsAtMs) throw new StepFailed(`${instance} does not answer`);
  }
}

function saveErrant(executor: Executor, errant: Counts): void {
  const { state, volume, world } = executor;
  if (world.has('errant-not-saved')) return;
  const slice = {
    gtids: formatCounts(errant),
    file: `errant/${world.newId()}.sql`,
    savedAtMs: world.loop.nowMs,
  };
  volume.errant.push(slice);
  state.errant = [...state.errant, slice];
}

/** CLONE. It keeps the server UUID, which must not be used again [X7]. */
function* rebuild(executor: Executor, source: string): Steps {
  const { state, volume, world } = executor;
  const mysqld = serving(executor);
  state.mysqld = 'preparing';
  executor.publish();
  world.oracle.rebuilding(executor);
  try {
    mysqld.data.isTorn = true;
    mysqld.receiver?.stop();
    const endsAtMs = world.loop.nowMs + CLONE_MS;
    const donor = yield* ask(executor, source, (m) => m);
    yield world.takes(100, 1_500);
    while (donor.frozen || !world.network.reaches(donor.host, executor.host.index)) {
      yield 100;
      if (world.loop.nowMs >= endsAtMs) throw new StepFailed('the donor does not answer');
    }
    if (!donor.alive) throw new StepFailed('the donor is gone');
    const data = copyOf(donor, world.has('clone-keeps-uuid') ? mysqld.data.source : world.newSource());
    mysqld.kill();
    volume.data = data;
    yield world.takes(50, 300);
    executor.noteServing(executor.bootMysqld());
  } catch (error) {
    executor.mysqld?.kill();
    executor.mysqld = null;
    executor.mysqldEnded(true);
    throw error;
  }
}

function copyOf(donor: Mysqld, source: number): DataDirectory {
  const data = new DataDirectory(source);
  const executed = donor.executed();
  data.holds = donor.data.holds.map((ids, of) => ids.slice(0, executed[of] ?? 0));
  data.purged = executed;
  data.hasAccounts = donor.data.hasAccounts;
  return data;
}

/** As packages/executor/src/watch-replication.ts notes it. */
export function* watchReplication(executor: Executor, given: Duty): Steps {
  const { state, world } = executor;
  const duty = followDuty(given);
  const { following } = state;
  if (serving(executor).frozen) {
    noteDetached(state);
    throw new StepFailed('deadline');
  }
  const seen = yield* sql(executor, (m) => ({
    receiver: m.receiver?.state ?? 'stopped',
    from: m.receiver?.connectedTo,
    applierRuns: m.applierRuns,
    executed: m.executed(),
    all: m.data.all(),
  }));
  if (!following) return;
  const attached =
    seen.receiver === 'running' &&
    seen.applierRuns &&
    seen.from !== undefined &&
    uuidOf(seen.from) === following.sourceUuid;
  if (state.attached && !attached) noteDetached(state);
  state.attached = attached;
  const what = seen.all.join();
  if (attached && state.heard?.what !== what) state.heard = { what, atMs: world.loop.nowMs };
  const boundMs = executor.control?.heartbeatBoundMs ?? 0;
  state.hears = attached && state.heard !== null && world.loop.nowMs - state.heard.atMs < boundMs;
  state.caughtUp ||= attached && state.compared && covers(seen.executed, parseCounts(state.catchUp));
  if (seen.receiver === 'stopped' && seen.applierRuns) state.following = null;
  const { reach } = duty;
  if (reach === null || state.reached !== reach)
    state.reached = reach !== null && covers(seen.executed, parseCounts(reach)) ? reach : null;
}
