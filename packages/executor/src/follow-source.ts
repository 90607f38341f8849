import type { Control, Member } from '@cotton/core';
import { containsGtidSet, formatGtidSet, parseGtidSet, subtractGtidSets, unionGtidSets } from '@cotton/core';
import {
  cloneFrom,
  fits,
  follow,
  position,
  type ReplicationSource,
  setReplicaSemiSync,
} from '@cotton/mysql-ops';
import { replicationAccount } from './accounts.ts';
import { ExecutorError } from './error.ts';
import { adminOf, noteServing, type StepContext } from './perform-step.ts';

const COMPARE_MS = 5_000;
const ATTACH_MS = 2_000;

/** Whom control wants followed, and how. */
interface Wanted {
  control: Control;
  member: Member;
  source: ReplicationSource;
  promoting: boolean;
}

/** Attaches this instance to the primary, or to the winner of an election, and rebuilds it where it does not fit. */
export async function followSource(context: StepContext): Promise<void> {
  const wanted = wantedSource(context);
  if (keepsItsSource(context, wanted)) return noteFollowing(context, wanted);
  const target = wanted.promoting
    ? await compareWithElected(context, wanted)
    : await compareWithPrimary(context, wanted);
  if (target === undefined) return;
  const { state, signal } = context;
  const semiSync = wantsSemiSync(context, wanted);
  // Noted first: a call that failed half-way may have started the receiver.
  state.receiving = true;
  await follow(adminOf(context), wanted.source, { semiSync }, { deadlineMs: ATTACH_MS, signal });
  state.caughtUp = false;
  state.catchUp = { target, received: wanted.promoting };
  noteFollowing(context, wanted, semiSync);
}

/** Only the electorate changed, not the source: nothing needs to be restarted. */
function keepsItsSource({ state }: StepContext, { member, source }: Wanted): boolean {
  const { following, attached } = state;
  return attached && following?.source === member.instance && following.sourceUuid === source.serverUuid;
}

function noteFollowing(
  { state }: StepContext,
  wanted: Wanted,
  semiSync = state.following?.semiSync ?? false,
): void {
  const { control, member, source } = wanted;
  state.following = {
    epoch: control.epoch,
    source: member.instance,
    sourceUuid: source.serverUuid,
    semiSync,
  };
}

/** From now on its acknowledgements count, or no longer do. */
export async function switchSemiSync(context: StepContext, on: boolean): Promise<void> {
  const { source } = wantedSource(context);
  await setReplicaSemiSync(adminOf(context), on, source, { deadlineMs: ATTACH_MS, signal: context.signal });
  if (context.state.following) context.state.following.semiSync = on;
}

function wantedSource({ control, secrets, task }: StepContext): Wanted {
  const promoting = control?.phase === 'promoting';
  const instance = promoting ? control.candidate : control?.primary;
  const member = control?.members.find((m) => m.instance === instance);
  if (!control?.sourceUuid || !member)
    throw new ExecutorError('bad_task', 'control names no source to follow');
  if (!secrets) throw new ExecutorError('bad_task', 'control holds no secrets for this instance');
  const { host, port } = member;
  const account = { user: replicationAccount(task.serverId), password: secrets.replicationPassword };
  return { control, member, promoting, source: { host, port, ...account, serverUuid: control.sourceUuid } };
}

/** While promoting everybody acknowledges, so that the new primary finds its acknowledgements when it opens. */
function wantsSemiSync({ task }: StepContext, { control, promoting }: Wanted): boolean {
  return promoting || control.inSync.some((voter) => voter.instance === task.instance);
}

/**
 * The winner is still applying, so its own set says nothing yet: what counts is what was elected. Returns the set to
 * receive. Whoever has more than was elected must not attach; it is rebuilt once there is a primary.
 */
async function compareWithElected(context: StepContext, { control }: Wanted): Promise<string> {
  const elected = control.elected ?? '';
  const own = await position(adminOf(context), { deadlineMs: COMPARE_MS, signal: context.signal });
  const holds = unionGtidSets(parseGtidSet(own.executed), parseGtidSet(own.received));
  if (containsGtidSet(parseGtidSet(elected), holds)) return elected;
  const errant = formatGtidSet(subtractGtidSets(holds, parseGtidSet(elected)));
  throw new ExecutorError(
    'bad_task',
    `holds ${errant}, which was not elected; waits for the primary to be rebuilt from`,
  );
}

/** Returns the set to apply; undefined when the instance had to be rebuilt and has to be looked at anew. */
async function compareWithPrimary(
  context: StepContext,
  { source, member }: Wanted,
): Promise<string | undefined> {
  const { log, state, signal } = context;
  const fit = await fits(adminOf(context), source, { deadlineMs: COMPARE_MS, signal });
  if (fit.fit === 'replicate') return fit.sourceExecuted;
  if (fit.fit === 'errant') {
    // Only this instance has them, so they were never acknowledged. Their slice is to be saved here before it goes.
    state.notice = `rebuilt without its errant transactions ${fit.errant}`;
    log.error({ errant: fit.errant, source: member.instance }, 'holds errant transactions: rebuilds');
  }
  await rebuild(context, source, member);
  return undefined;
}

/** Replaces this instance's data with a copy of the primary's. */
async function rebuild(context: StepContext, source: ReplicationSource, member: Member): Promise<void> {
  const { keeper, state, publish, shutdown, log } = context;
  const server = keeper.server;
  if (!server) throw new Error('mysqld ended during the step');
  const admin = adminOf(context);
  state.mysqld = 'preparing';
  state.activity = `copies the data of ${member.instance}`;
  publish();
  const startedAt = performance.now();
  try {
    const rebuilt = await cloneFrom(server, admin, source, { signal: shutdown });
    keeper.adopt(rebuilt.server, rebuilt.admin);
    await noteServing(context);
    log.info({ source: member.instance, tookMs: Math.round(performance.now() - startedAt) }, 'data copied');
  } catch (error) {
    // Whatever is left of the data is made whole by the next start.
    await keeper.kill();
    state.mysqld = 'down';
    throw error;
  }
}
