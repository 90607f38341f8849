import mysql, { type Connection } from 'mysql2/promise';

/** A client of the cluster's user, over the network as applications come. */
export async function connect(
  port: number,
  { user, password }: { user: string; password: string },
): Promise<Connection> {
  return mysql.createConnection({ host: '127.0.0.1', port, user, password, connectTimeout: 5_000 });
}
