/** Who is measured for throughput. The first one is Cotton. */
import { type Account, connect, type Place, query } from '@cotton/chaos';
import { freePorts } from '@cotton/setup';
import type { BenchCluster } from '../bench-cluster.ts';
import { placesOf, primaryOf } from '../bench-cluster.ts';
import { type Builder, THIS_HOST } from '../rivals/builder.ts';
import { Group, groupSettings } from '../rivals/group.ts';
import { replicate, SEMI_SYNC_SETTINGS } from '../rivals/replication.ts';

export interface Contender {
  name: string;
  /** Where writes go. @throws when it is not as it should be */
  place(): Promise<Place>;
  /** Everybody who has to end up with the same, the primary too. */
  members(): Promise<Place[]>;
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
const CATCH_UP_S = 300;

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
  return {
    ...{ name: 'Cotton', place, account },
    members: async () => placesOf(await cluster.api.get(cluster.name)),
    waits: async () => countWaits(await place(), account),
  };
}

async function byHand(builder: Builder, name: string, semiSync: boolean): Promise<Contender> {
  const servers = await builder.servers(HOSTS, () => (semiSync ? SEMI_SYNC_SETTINGS : []));
  const { account } = builder;
  await replicate(servers, account, semiSync);
  const place = async (): Promise<Place> => placeOf(servers[0]);
  return {
    ...{ name, place, account },
    members: async () => servers.map((server) => server.place),
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
    members: async () => servers.map((server) => server.place),
    account: builder.account,
    waits: async () => undefined,
  };
}

function placeOf(server: { place: Place } | undefined): Place {
  if (!server) throw new Error('there is no server to write to');
  return server.place;
}

/**
 * Waits until every member has applied what the primary has: replicas that still catch up take the CPU of whoever is
 * measured next (MySQL's coordinator of parallel appliers spins while all workers are busy).
 */
export async function untilEqual({ place, members, account }: Contender): Promise<void> {
  const sql = await connect(await place(), account);
  try {
    const { rows } = await query(sql, 'SELECT @@GLOBAL.gtid_executed AS executed', [], LIMIT_MS);
    const executed = String(rows[0]?.['executed']);
    for (const member of await members()) await untilApplied(member, account, executed);
  } finally {
    sql.destroy();
  }
}

async function untilApplied(member: Place, account: Account, executed: string): Promise<void> {
  const sql = await connect(member, account);
  try {
    const sets = [executed, CATCH_UP_S];
    const question = 'SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS is_late';
    const { rows } = await query(sql, question, sets, (CATCH_UP_S + 10) * 1_000);
    if (Number(rows[0]?.['is_late']) !== 0) throw new Error(`a replica is behind after ${CATCH_UP_S} s`);
  } finally {
    sql.destroy();
  }
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
