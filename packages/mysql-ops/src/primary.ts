import { formatGtidSet, parseGtidSet, subtractGtidSets } from '@cotton/core';
import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { countdown, type Countdown, type Limit } from './limit.ts';
import { isReadLocked } from './lock-wait.ts';
import { ADMIT_WRITERS } from './read-only.ts';
import { readReplicaState } from './replica-status.ts';
import type { Session } from './session.ts';
import { killClients } from './sessions.ts';

const SETTLE_IN_MS = 30_000;

export interface OpenOptions {
  /** Acknowledgements a commit waits for; 0: none, semi-sync is off. */
  ackCount: number;
  /** Asked at the last moment before writes are let in: the epoch may have moved on meanwhile. */
  stillWanted: () => boolean;
}

/**
 * Makes this mysqld the primary: stops replicating, sets the acknowledgements to wait for, checks that they are set,
 * and only then opens. Where it is open already, only the acknowledgements are set and checked. What is left of its
 * source is removed in the background.
 * @throws MysqlOpsError `unapplied_transactions`, `superseded`, `statement_failed`
 */
export async function openForWrites(admin: Admin, options: OpenOptions, limit: Limit): Promise<void> {
  const time = countdown(limit);
  await admin.on('steps', limit, async (session) => {
    const { writable } = await readPrimaryState(session, time.left());
    const isReplica = !writable && (await stopReplicating(session, time));
    await applyAckCount(session, options.ackCount, time.left());
    await requireAckCount(session, options.ackCount, time.left());
    if (writable) return;
    if (!options.stillWanted()) throw new MysqlOpsError('superseded', 'not opened for writes');
    await session.run(ADMIT_WRITERS, [], time.left());
    await session.run('SET GLOBAL event_scheduler = ON', [], time.left());
    if (isReplica) settleIn(admin);
  });
}

/** Nothing received may be left unapplied: what follows is written without it. Returns whether it had a source. */
async function stopReplicating(session: Session, time: Countdown): Promise<boolean> {
  let state = await readReplicaState(session, time.left());
  if (!state.configured) return false;
  if (state.receiver !== 'stopped') {
    await session.run('STOP REPLICA IO_THREAD', [], time.left());
    state = await readReplicaState(session, time.left());
  }
  const unapplied = subtractGtidSets(parseGtidSet(state.received), parseGtidSet(state.executed));
  if (unapplied.size > 0) throw new MysqlOpsError('unapplied_transactions', formatGtidSet(unapplied));
  await session.run('STOP REPLICA', [], time.left());
  await session.run('SET GLOBAL rpl_semi_sync_replica_enabled = OFF', [], time.left());
  return true;
}

/**
 * What no writer has to wait for. Deleting the relay logs, all of them applied, takes a tenth of a second of syncing;
 * nothing depends on it, for whoever follows again points the channel elsewhere. And a global read lock that a client
 * took while this was a replica would keep the whole cluster from writing.
 */
function settleIn(admin: Admin): void {
  const time = countdown({ deadlineMs: SETTLE_IN_MS });
  const settled = admin.on('writes', time.left(), async (session) => {
    if (await isReadLocked(session, time)) await killClients(session, time.left());
    await session.run('RESET REPLICA ALL', [], time.left());
  });
  settled.catch(() => undefined);
}

/**
 * Changes the acknowledgements that commits wait for. Going to 0 answers OK to everybody who waits: only after that
 * was persisted.
 */
export async function setAckCount(admin: Admin, ackCount: number, limit: Limit): Promise<void> {
  await admin.on('steps', limit, (session) => applyAckCount(session, ackCount, limit));
}

/** The least count MySQL knows is 1: waiting for none is semi-sync switched off. @throws MysqlOpsError `statement_failed` */
async function applyAckCount(session: Session, ackCount: number, limit: Limit): Promise<void> {
  // Whatever is no count must not come out as "none".
  if (!Number.isInteger(ackCount) || ackCount < 0)
    throw new MysqlOpsError('statement_failed', `${ackCount} is no number of acknowledgements`);
  if (ackCount > 0) {
    // The count first: switched on with an older, smaller one it would acknowledge too early.
    await session.run('SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ?', [ackCount], limit);
  }
  await session.run('SET GLOBAL rpl_semi_sync_source_enabled = ?', [ackCount > 0], limit);
}

/** @throws MysqlOpsError `statement_failed` */
async function requireAckCount(session: Session, ackCount: number, limit: Limit): Promise<void> {
  const state = await readPrimaryState(session, limit);
  if (state.ackCount === ackCount && state.semiSyncActive === ackCount > 0) return;
  throw new MysqlOpsError('statement_failed', `semi-sync waits for ${state.ackCount}, not for ${ackCount}`);
}

export interface PrimaryState {
  writable: boolean;
  /** Acknowledgements a commit waits for; 0 while semi-sync is off. */
  ackCount: number;
  semiSyncActive: boolean;
  /** Attached acknowledging replicas as MySQL counts them: dead ones stay in for a while. */
  semiSyncClients: number;
  /** Sessions that wait for an acknowledgement; those queued behind them are not counted. */
  waitingSessions: number;
  /** The connections over which others receive; each new connection is another one. */
  receivers: string;
}

export async function primaryState(admin: Admin, limit: Limit): Promise<PrimaryState> {
  return admin.on('observe', limit, (session) => readPrimaryState(session, limit));
}

async function readPrimaryState(session: Session, limit: Limit): Promise<PrimaryState> {
  const row = await session.row(PRIMARY_STATE, [], limit);
  return {
    writable: Number(row.is_open) === 1,
    ackCount: Number(row.enabled) === 1 ? Number(row.ack_count) : 0,
    semiSyncActive: row.active === 'ON',
    semiSyncClients: Number(row.clients),
    waitingSessions: Number(row.waiting),
    receivers: String(row.receivers ?? ''),
  };
}

const PRIMARY_STATE = `SELECT @@GLOBAL.read_only = 0 AS is_open,
  @@GLOBAL.rpl_semi_sync_source_enabled AS enabled,
  @@GLOBAL.rpl_semi_sync_source_wait_for_replica_count AS ack_count,
  MAX(IF(VARIABLE_NAME = 'Rpl_semi_sync_source_status', VARIABLE_VALUE, NULL)) AS active,
  MAX(IF(VARIABLE_NAME = 'Rpl_semi_sync_source_clients', VARIABLE_VALUE, NULL)) AS clients,
  MAX(IF(VARIABLE_NAME = 'Rpl_semi_sync_source_wait_sessions', VARIABLE_VALUE, NULL)) AS waiting,
  (SELECT GROUP_CONCAT(ID ORDER BY ID) FROM information_schema.PROCESSLIST
    WHERE COMMAND LIKE 'Binlog Dump%') AS receivers
  FROM performance_schema.global_status WHERE VARIABLE_NAME LIKE 'Rpl\\_semi\\_sync\\_source\\_%'`;

/**
 * Ends every client's session; ours and replication's stay. A commit that waits for an acknowledgement goes on waiting.
 * Returns how many there were.
 */
export async function killClientSessions(admin: Admin, limit: Limit): Promise<number> {
  return admin.on('steps', limit, (session) => killClients(session, limit));
}
