import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { gtidText } from './gtid-text.ts';
import { countdown, type Limit } from './limit.ts';
import { requireReadOnly } from './read-only.ts';
import { needingRelayLogs } from './relay-logs.ts';
import { readReplicaState, type ReplicaState } from './replica-status.ts';
import type { Session } from './session.ts';
import { killClients, shutClientsOut } from './sessions.ts';

/** What an instance has. GTID sets as text without white space. */
export interface Position {
  serverUuid: string;
  executed: string;
  /** Whole transactions in the relay log, applied or not. */
  received: string;
  purged: string;
}

export async function position(admin: Admin, limit: Limit): Promise<Position> {
  return admin.on('observe', limit, async (session) => {
    const { received } = await readReplicaState(session, limit);
    const row = await session.row(
      'SELECT @@server_uuid AS uuid, @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged',
      [],
      limit,
    );
    const [executed, purged] = [gtidText(row.executed), gtidText(row.purged)];
    return { serverUuid: String(row.uuid), executed, received, purged };
  });
}

export async function replicaState(admin: Admin, limit: Limit): Promise<ReplicaState> {
  return admin.on('observe', limit, (session) => readReplicaState(session, limit));
}

/**
 * Stops the receiver and nothing else: no further transaction is acknowledged here.
 * @throws MysqlOpsError `deadline`: it can hang on a full disk; then kill mysqld
 */
export async function stopReceiving(admin: Admin, limit: Limit): Promise<void> {
  await admin.on('steps', limit, (session) => session.run('STOP REPLICA IO_THREAD', [], limit));
}

/** @throws MysqlOpsError `deadline` */
export async function waitForGtid(admin: Admin, set: string, limit: Limit): Promise<void> {
  const time = countdown(limit);
  const look = (session: Session) => isExecutedWithin(session, set, WAIT_SLICE_S, time.left());
  while (!(await admin.on('observe', time.left(), look)));
}

/**
 * Runs the applier until everything received is executed. The deadline counts from the last progress. Whoever becomes
 * the primary has no time for its readers: where nothing moves, their sessions end, because a user's locks would hold
 * the applier up for as long as the user likes.
 * @throws MysqlOpsError `deadline`, `applier_broken`, `relay_logs_unreadable`, `not_read_only`
 */
export async function applyAllReceived(
  admin: Admin,
  limit: Limit,
  onProgress?: (executed: string) => void,
): Promise<Position> {
  await requireReadOnly(admin, limit);
  await admin.on('steps', limit, async (session) => {
    await needingRelayLogs(startApplier(session, limit));
    let time = countdown(limit);
    let seen = '';
    let idleSlices = 0;
    for (;;) {
      const state = await readReplicaState(session, time.left());
      if (await isExecutedWithin(session, state.received, WAIT_SLICE_S, time.left())) return;
      if (!state.applierRunning) throw applierStopped(state);
      idleSlices = state.executed === seen ? idleSlices + 1 : 0;
      if (idleSlices === 0) time = countdown(limit);
      else if (idleSlices % IDLE_SLICES === 0) await killClients(session, time.left());
      seen = state.executed;
      onProgress?.(seen);
    }
  });
  return position(admin, limit);
}

function applierStopped({ receivedUnreadable, applierError }: ReplicaState): MysqlOpsError {
  const code = receivedUnreadable ? 'relay_logs_unreadable' : 'applier_broken';
  return new MysqlOpsError(code, applierError ?? 'it is stopped');
}

const WAIT_SLICE_S = 0.25;
const IDLE_SLICES = 2;

/** True as soon as `set` is executed, false after `seconds`. */
async function isExecutedWithin(
  session: Session,
  set: string,
  seconds: number,
  limit: Limit,
): Promise<boolean> {
  if (set === '') return true;
  // Never longer than the limit: a statement that misses its deadline costs the session.
  const slice = Math.min(seconds, limit.deadlineMs / 2000);
  const sql = 'SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS timed_out';
  return Number((await session.row(sql, [set, slice], limit)).timed_out) === 0;
}

/**
 * Starts the applier where there is a channel. With semi-sync of the source side on, as it is at boot, it would
 * freeze at its first commit. Only on a closed mysqld.
 */
export async function startApplier(session: Session, limit: Limit): Promise<ReplicaState> {
  await stopWaiting(session, limit);
  const state = await readReplicaState(session, limit);
  if (!state.configured || state.applierRunning) return state;
  await session.run('START REPLICA SQL_THREAD', [], limit);
  return readReplicaState(session, limit);
}

/** Starts an applier that has stopped, and leaves the receiver alone. @throws MysqlOpsError `statement_failed` */
export async function resumeApplier(admin: Admin, limit: Limit): Promise<void> {
  await admin.on('steps', limit, (session) => session.run('START REPLICA SQL_THREAD', [], limit));
}

/** Nobody who waits on this closed mysqld will be told OK, and what they wrote shows from now on: see `stopWaiting`. */
export async function dismissWaiters(admin: Admin, limit: Limit): Promise<void> {
  await requireReadOnly(admin, limit);
  await admin.on('steps', limit, (session) => stopWaiting(session, limit));
}

const ADMIT_MS = 5_000;

/**
 * Switches semi-sync of the source side off. That answers OK to everybody who waits, and somebody may: XA COMMIT of a
 * prepared transaction writes on a closed mysqld too (MySQL 9.7, tried), and nobody else has what it wrote. So clients
 * lose their sessions first, and none is let in before nothing can wait any more. Once in a life of mysqld: semi-sync is
 * on at boot, and on a primary that has handed over.
 */
async function stopWaiting(session: Session, limit: Limit): Promise<void> {
  const row = await session.row(WAITS, [], limit);
  if (Number(row.waits) === 0) return;
  const time = countdown(limit);
  try {
    await shutClientsOut(session, time);
    await session.run('SET GLOBAL rpl_semi_sync_source_enabled = OFF', [], time.left());
  } finally {
    if (Number(row.is_offline) === 0 && !session.isBroken)
      await session.run('SET GLOBAL offline_mode = OFF', [], { deadlineMs: ADMIT_MS });
  }
}

const WAITS = `SELECT @@GLOBAL.rpl_semi_sync_source_enabled AS waits, @@GLOBAL.offline_mode AS is_offline`;
