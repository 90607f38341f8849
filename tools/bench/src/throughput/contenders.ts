/** Who is measured for throughput. The first one is Cotton. */
import { type Account, connect, type Place, query } from '@cotton/chaos';
import { freePorts } from '@cotton/setup';
import type { BenchCluster } from '../bench-cluster.ts';
import { primaryOf } from '../bench-cluster.ts';
import { type Builder, THIS_HOST } from '../rivals/builder.ts';
import { Group, groupSettings } from '../rivals/group.ts';
import { replicate, SEMI_SYNC_SETTINGS } from '../rivals/replication.ts';

export interface Contender {
  name: string;
  /** Where writes go. @throws when it is not as it should be */
  place(): Promise<Place>;
  account: Account;
  /** undefined where nobody waits for replicas in this way. */
  waits(): Promise<Waits | undefined>;
}

/** How often mysqld has waited for a replica's acknowledgement, and not waited for one. Once for each group commit. */
export interface Waits {
  yes: number;
  no: number;
}

const HOSTS = [THIS_HOST, THIS_HOST, THIS_HOST];
const LIMIT_MS = 10_000;

export async function contenders(cluster: BenchCluster, builder: Builder): Promise<Contender[]> {
  return [
    cotton(cluster),
    await byHand(builder, 'semi-sync by hand', true),
    await byHand(builder, 'asynchronous by hand', false),
    await group(builder),
  ];
}

function cotton(cluster: BenchCluster): Contender {
  const { account } = cluster;
  const place = async (): Promise<Place> => {
    const detail = await cluster.api.get(cluster.name);
    const { state, reason, ack_count } = detail;
    if (state !== 'HEALTHY' || ack_count !== 1)
      throw new Error(`${cluster.name} is ${state} with k = ${ack_count}: ${reason}`);
    return primaryOf(detail);
  };
  return { name: 'Cotton', place, account, waits: async () => countWaits(await place(), account) };
}

async function byHand(builder: Builder, name: string, semiSync: boolean): Promise<Contender> {
  const servers = await builder.servers(HOSTS, () => (semiSync ? SEMI_SYNC_SETTINGS : []));
  const { account } = builder;
  await replicate(servers, account, semiSync);
  const place = async (): Promise<Place> => placeOf(servers[0]);
  return {
    ...{ name, place, account },
    waits: async () => (semiSync ? countWaits(await place(), account) : undefined),
  };
}

async function group(builder: Builder): Promise<Contender> {
  const ports = await freePorts(THIS_HOST.ip, HOSTS.length);
  const settings = groupSettings(
    ports.map((port) => ({ host: THIS_HOST.ip, port })),
    [],
  );
  const servers = await builder.servers(HOSTS, (index) => settings[index] ?? []);
  const one = new Group(servers, builder.account);
  await one.form();
  return {
    name: 'Group Replication',
    place: async () => placeOf(await one.primary()),
    account: builder.account,
    waits: async () => undefined,
  };
}

function placeOf(server: { place: Place } | undefined): Place {
  if (!server) throw new Error('there is no server to write to');
  return server.place;
}

async function countWaits(place: Place, account: Account): Promise<Waits> {
  const sql = await connect(place, account);
  try {
    const { rows } = await query(sql, "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source_%_tx'", [], LIMIT_MS);
    const valueOf = (name: string): number =>
      Number(
        rows.find((row) => row['Variable_name'] === `Rpl_semi_sync_source_${name}_tx`)?.['Value'] ?? NaN,
      );
    return { yes: valueOf('yes'), no: valueOf('no') };
  } finally {
    sql.destroy();
  }
}
