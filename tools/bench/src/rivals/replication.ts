/** A source and its replicas, set up by hand: asynchronous, or semi-synchronous with the settings that Cotton gives. */
import type { Account, Place } from '@cotton/chaos';
import { until } from '@cotton/setup';
import type { Setting } from './my-cnf.ts';
import type { HandMadeServer } from './server.ts';

const PLUGINS: readonly Setting[] = [
  ['plugin_load_add', 'semisync_source.so'],
  ['plugin_load_add', 'semisync_replica.so'],
];

/** For all its servers; the roles are given by `replicate`. */
export const SEMI_SYNC_SETTINGS: readonly Setting[] = [
  ...PLUGINS,
  ['rpl_semi_sync_source_timeout', '4294967295'],
  ['rpl_semi_sync_source_wait_point', 'AFTER_SYNC'],
  ['rpl_semi_sync_source_wait_for_replica_count', '1'],
  ['rpl_semi_sync_source_wait_no_replica', 'ON'],
];

const CONNECT_LIMIT_MS = 180_000;

/** The first one becomes the source of the others. */
export async function replicate(
  servers: readonly HandMadeServer[],
  account: Account,
  semiSync: boolean,
): Promise<void> {
  const [source, ...replicas] = servers;
  if (!source) throw new Error('there is no server to replicate from');
  for (const replica of replicas) {
    if (semiSync) await replica.run('SET GLOBAL rpl_semi_sync_replica_enabled = ON');
    await follow(replica, source.place, account);
  }
  if (semiSync) await source.run('SET GLOBAL rpl_semi_sync_source_enabled = ON');
  for (const replica of replicas)
    await until(() => isConnected(replica), { limitMs: CONNECT_LIMIT_MS, what: 'a replica is connected' });
}

async function follow(replica: HandMadeServer, { host, port }: Place, account: Account): Promise<void> {
  const settings = `SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?,
    SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_HEARTBEAT_PERIOD = 1, GET_SOURCE_PUBLIC_KEY = 1`;
  await replica.run(`CHANGE REPLICATION SOURCE TO ${settings}`, [
    ...[host, port, account.user, account.password],
  ]);
  await replica.run('SET GLOBAL super_read_only = ON');
  await replica.run('START REPLICA');
}

async function isConnected(replica: HandMadeServer): Promise<boolean> {
  const [status] = await replica.run('SHOW REPLICA STATUS');
  return status?.['Replica_IO_Running'] === 'Yes' && status['Replica_SQL_Running'] === 'Yes';
}
