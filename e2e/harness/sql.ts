/** MySQL as an application uses it: found through discovery, by the cluster's own account. */
import { resolveUrl } from '@cotton/coordination';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import type { TestCluster } from './cluster.ts';

export interface Place {
  host: string;
  port: number;
}

const CONNECT_LIMIT_MS = 3_000;

export async function discoverPrimary(cluster: TestCluster): Promise<Place> {
  const primary = (await resolveUrl(cluster.url))?.primary;
  if (!primary) throw new Error(`no primary of ${cluster.name} is published`);
  return primary;
}

export async function discoverReplicas(cluster: TestCluster): Promise<Place[]> {
  return (await resolveUrl(cluster.url))?.replicas ?? [];
}

export async function connectTo({ host, port }: Place, cluster: TestCluster): Promise<Connection> {
  const { user, password } = cluster;
  const sql = await createConnection({ host, port, user, password, connectTimeout: CONNECT_LIMIT_MS });
  // A killed server breaks connections; the broken promise is the news, not the event.
  sql.on('error', () => {});
  return sql;
}

export async function withSql<T>(
  place: Place,
  cluster: TestCluster,
  work: (sql: Connection) => Promise<T>,
): Promise<T> {
  const sql = await connectTo(place, cluster);
  try {
    return await work(sql);
  } finally {
    sql.destroy();
  }
}

/** One statement on the primary that discovery names. */
export async function onPrimary(cluster: TestCluster, statement: string): Promise<RowDataPacket[]> {
  return withSql(await discoverPrimary(cluster), cluster, (sql) => rowsOf(sql, statement));
}

export async function rowsOf(sql: Connection, statement: string): Promise<RowDataPacket[]> {
  const [rows] = await sql.query<RowDataPacket[]>(statement);
  return rows;
}
