import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { countdown, type Limit } from './limit.ts';
import { readReplicaState } from './replica-status.ts';
import type { Session } from './session.ts';

export interface OpenOptions {
  /** Acknowledgements a commit waits for; 0: none, semi-sync is off. */
  ackCount: number;
  /** Asked at the last moment before writes are let in: the epoch may have moved on meanwhile. */
  stillWanted: () => boolean;
}

/**
 * Makes this mysqld the primary: forgets its source, sets the acknowledgements to wait for, checks that they are set,
 * and only then opens. Where it is open already, only the acknowledgements are set.
 * @throws MysqlOpsError `unapplied_transactions`, `superseded`, `statement_failed`
 */
export async function openForWrites(admin: Admin, options: OpenOptions, limit: Limit): Promise<void> {
  const time = countdown(limit);
  await admin.on('steps', limit, async (session) => {
    const isOpen = Number((await session.row(IS_OPEN, [], time.left())).is_open) === 1;
    if (!isOpen) await forgetSource(session, time.left());
    await applyAckCount(session, options.ackCount, time.left());
    if (isOpen) return;
    await requireAckCount(session, options.ackCount, time.left());
    if (!options.stillWanted()) throw new MysqlOpsError('superseded', 'not opened for writes');
    await session.run('SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF', [], time.left());
    await session.run('SET GLOBAL event_scheduler = ON', [], time.left());
  });
}

const IS_OPEN = 'SELECT @@GLOBAL.read_only = 0 AS is_open';

/** RESET REPLICA ALL deletes the relay logs: nothing in them may be unapplied. */
async function forgetSource(session: Session, limit: Limit): Promise<void> {
  const { configured } = await readReplicaState(session, limit);
  if (configured) {
    await session.run('STOP REPLICA IO_THREAD', [], limit);
    const { received } = await readReplicaState(session, limit);
    const sql = 'SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed) AS unapplied';
    const unapplied = String((await session.row(sql, [received], limit)).unapplied);
    if (unapplied !== '') throw new MysqlOpsError('unapplied_transactions', unapplied);
    await session.run('STOP REPLICA', [], limit);
    await session.run('RESET REPLICA ALL', [], limit);
  }
  await session.run('SET GLOBAL rpl_semi_sync_replica_enabled = OFF', [], limit);
}

/**
 * Changes the acknowledgements that commits wait for. Going to 0 answers OK to everybody who waits: only after that
 * was persisted.
 */
export async function setAckCount(admin: Admin, ackCount: number, limit: Limit): Promise<void> {
  await admin.on('steps', limit, (session) => applyAckCount(session, ackCount, limit));
}

/** The least count MySQL knows is 1: waiting for none is semi-sync switched off. */
export async function applyAckCount(session: Session, ackCount: number, limit: Limit): Promise<void> {
  if (ackCount > 0) {
    // The count first: switched on with an older, smaller one it would acknowledge too early.
    await session.run('SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ?', [ackCount], limit);
  }
  await session.run('SET GLOBAL rpl_semi_sync_source_enabled = ?', [ackCount > 0], limit);
}

/** @throws MysqlOpsError `statement_failed` */
export async function requireAckCount(session: Session, ackCount: number, limit: Limit): Promise<void> {
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
  (SELECT GROUP_CONCAT(ID ORDER BY ID) FROM performance_schema.processlist
    WHERE COMMAND LIKE 'Binlog Dump%') AS receivers
  FROM performance_schema.global_status WHERE VARIABLE_NAME LIKE 'Rpl\\_semi\\_sync\\_source\\_%'`;

const NO_SUCH_THREAD = 1094;

/** Ends every client's session; ours and replication's stay. A commit that waits for an acknowledgement goes on waiting. Returns how many there were. */
export async function killClientSessions(admin: Admin, limit: Limit): Promise<number> {
  return admin.on('steps', limit, (session) => endClientSessions(session, limit));
}

export async function endClientSessions(session: Session, limit: Limit): Promise<number> {
  const clients = await session.rows(CLIENT_SESSIONS, [], limit);
  for (const { id } of clients) {
    await session.run('KILL ?', [Number(id)], limit).catch((error: unknown) => {
      if (!(error instanceof MysqlOpsError) || error.errno !== NO_SUCH_THREAD) throw error;
    });
  }
  return clients.length;
}

const CLIENT_SESSIONS = `SELECT ID AS id FROM performance_schema.processlist
  WHERE USER NOT IN ('system user', 'event_scheduler') AND USER NOT LIKE 'cotton\\_%'`;
