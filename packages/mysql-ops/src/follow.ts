import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import { countdown, type Limit } from './limit.ts';
import { requireReadOnly } from './read-only.ts';
import { forgetAll, needingRelayLogs } from './relay-logs.ts';
import { readReplicaState, type ReplicaState } from './replica-status.ts';
import { startApplier } from './replication.ts';
import type { Session } from './session.ts';
import { dropUnlogged } from './unlogged-accounts.ts';

/** A member that others copy from, with the account made for the one that copies. */
export interface ReplicationSource {
  host: string;
  port: number;
  user: string;
  /** Printable ASCII, at most 32 characters (MySQL's limit). */
  password: string;
  /** Ports get reused: nobody else is followed. */
  serverUuid: string;
}

export interface FollowOptions {
  /** Acknowledge what is received. */
  semiSync: boolean;
}

const POLL_MS = 20;

/**
 * Follows `source` from where this instance stands, and keeps everything received so far. Does nothing where that is
 * so already. Returns when the receiver is connected; or, at the end of the limit, 'connecting': mysqld goes on
 * trying every second.
 * @throws MysqlOpsError `not_read_only`, `applier_broken`, `receiver_failed`, `wrong_source`, `bad_account`;
 * `relay_logs_unreadable`: for good, until `forgetReceived`
 */
export async function follow(
  admin: Admin,
  source: ReplicationSource,
  options: FollowOptions,
  limit: Limit,
): Promise<'connected' | 'connecting'> {
  requireReplicationPassword(source.password);
  await requireReadOnly(admin, limit);
  await dropUnlogged(admin, limit);
  const attach = async (session: Session): Promise<'connected' | 'connecting'> => {
    const state = await readyApplier(session, limit);
    if (!(await isFollowing(session, state, source, options, limit))) {
      await session.run('STOP REPLICA IO_THREAD', [], limit);
      await session.run('SET GLOBAL rpl_semi_sync_replica_enabled = ?', [options.semiSync], limit);
      if (!pointsAt(state, source)) await pointAt(session, source, limit);
      // A primary that handed over shut its clients out.
      await session.run('SET GLOBAL offline_mode = OFF', [], limit);
      await session.run('START REPLICA SQL_THREAD', [], limit);
      await session.run(
        'START REPLICA IO_THREAD USER = ? PASSWORD = ?',
        [source.user, source.password],
        limit,
      );
    }
    return untilConnected(session, source, limit);
  };
  return needingRelayLogs(admin.on('steps', limit, attach));
}

/**
 * From now on this replica acknowledges, or no longer does. Its receiver is restarted: the switch alone does not
 * reach a running one.
 */
export async function setReplicaSemiSync(
  admin: Admin,
  on: boolean,
  source: ReplicationSource,
  limit: Limit,
): Promise<void> {
  await follow(admin, source, { semiSync: on }, limit);
}

/** @throws MysqlOpsError `bad_account` */
export function requireReplicationPassword(password: string): void {
  if (/^[\x21-\x7e]{1,32}$/.test(password)) return;
  throw new MysqlOpsError('bad_account', 'a replication password has 1 to 32 printable ASCII characters');
}

/**
 * Starts the applier where that is to any use. A loss of power can leave a relay log that it cannot read, and it would
 * never get to what arrives behind that one: relay logs that have nothing left to apply are thrown away.
 */
async function readyApplier(session: Session, limit: Limit): Promise<ReplicaState> {
  const { configured, applierRunning, receivedUnreadable, applierError } = await readReplicaState(
    session,
    limit,
  );
  if (!configured || applierRunning) return startApplier(session, limit);
  // Nothing may arrive between the look and what is done about it.
  await session.run('STOP REPLICA IO_THREAD', [], limit);
  const { executed, received } = await readReplicaState(session, limit);
  const isApplied = await contains(session, executed, received, limit);
  if (receivedUnreadable && !isApplied)
    throw new MysqlOpsError('relay_logs_unreadable', applierError ?? 'the applier stopped');
  // It refuses where it cannot tell what was received: then that looks like nothing.
  const state = await startApplier(session, limit);
  if (!isApplied) return state;
  await forgetAll(session, limit);
  return readReplicaState(session, limit);
}

function pointsAt(state: ReplicaState, source: ReplicationSource): boolean {
  return state.configured && state.source?.host === source.host && state.source.port === source.port;
}

async function isFollowing(
  session: Session,
  state: ReplicaState,
  source: ReplicationSource,
  options: FollowOptions,
  limit: Limit,
): Promise<boolean> {
  if (!pointsAt(state, source) || state.source?.serverUuid !== source.serverUuid) return false;
  const row = await session.row('SELECT @@GLOBAL.rpl_semi_sync_replica_enabled AS wanted', [], limit);
  const semiSync = Number(row.wanted) === 1;
  // The switch alone says nothing: a running receiver keeps acknowledging, or not, as it was started.
  if (semiSync !== options.semiSync || (state.receiver === 'running' && state.semiSync !== semiSync))
    return false;
  return state.receiver !== 'stopped' && state.applierRunning;
}

/**
 * With both threads stopped, CHANGE REPLICATION SOURCE throws away what was received and not yet applied; with the
 * applier running it does not. (Then SOURCE_AUTO_POSITION cannot be named, and need not: it is set the first time.)
 */
async function pointAt(session: Session, source: ReplicationSource, limit: Limit): Promise<void> {
  const state = await readReplicaState(session, limit);
  const first = !state.applierRunning;
  if (first && !(await contains(session, state.executed, state.received, limit))) {
    throw new MysqlOpsError('applier_broken', state.applierError ?? 'it is stopped');
  }
  const settings = first ? `${SOURCE_SETTINGS}, SOURCE_AUTO_POSITION = 1` : SOURCE_SETTINGS;
  await session.run(`CHANGE REPLICATION SOURCE TO ${settings}`, [source.host, source.port], limit);
}

// The account is given when the receiver starts, so that it is never stored where the cluster's user could read it.
const SOURCE_SETTINGS = `SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = '', SOURCE_PASSWORD = '',
  SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0, SOURCE_HEARTBEAT_PERIOD = 1,
  SOURCE_SSL = 0, GET_SOURCE_PUBLIC_KEY = 1`;

async function contains(session: Session, set: string, part: string, limit: Limit): Promise<boolean> {
  return Number((await session.row('SELECT GTID_SUBSET(?, ?) AS inside', [part, set], limit)).inside) === 1;
}

async function untilConnected(
  session: Session,
  source: ReplicationSource,
  limit: Limit,
): Promise<'connected' | 'connecting'> {
  const time = countdown({ ...limit, deadlineMs: limit.deadlineMs * 0.8 });
  for (;;) {
    const state = await readReplicaState(session, limit);
    if (state.receiver === 'stopped')
      throw new MysqlOpsError('receiver_failed', state.receiverError ?? 'no reason given');
    // The receiver counts as running before it has asked who the other side is.
    const found = state.receiver === 'running' ? state.source?.serverUuid : '';
    if (found === source.serverUuid) return 'connected';
    if (found !== '' && found !== undefined) {
      await session.run('STOP REPLICA IO_THREAD', [], limit);
      throw new MysqlOpsError(
        'wrong_source',
        `${source.host}:${source.port} is ${found}, not ${source.serverUuid}`,
      );
    }
    try {
      await time.pause(POLL_MS);
    } catch (error) {
      if (error instanceof MysqlOpsError && error.code === 'deadline') return 'connecting';
      throw error;
    }
  }
}
