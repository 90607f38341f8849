import {
  cloneFrom,
  MysqlServer,
  openMysqlTree,
  planMemory,
  prepareDataDirectory,
  type ReplicationSource,
} from '@cotton/mysql-ops';
import { ensureMysql, freePorts } from '@cotton/setup';
import { mkdir } from 'node:fs/promises';
import { expect } from 'vitest';

const LIMIT = { deadlineMs: 15_000 };

/** Copies the donor's data to a mysqld in `volume`, until that is killed. Returns once the donor takes nobody else. */
export async function keepBusy(donor: ReplicationSource, volume: string): Promise<MysqlServer> {
  await mkdir(volume);
  const installation = await openMysqlTree((await ensureMysql(() => undefined)).root);
  const identity = { clusterUid: 'another', instance: 'another' };
  const data = await prepareDataDirectory({ volume, installation, identity });
  const [port = 0] = await freePorts('127.0.0.1', 1);
  const memory = planMemory({ taskMb: 512 });
  const settings = { serverId: 99, bindAddress: '127.0.0.1', port, bootAckCount: 1, memory, diskMb: 1024 };
  const server = await MysqlServer.start({ installation, data, settings });
  const admin = await server.waitUntilServing();
  await admin.on('steps', LIMIT, (session) =>
    session.run('SET GLOBAL clone_delay_after_data_drop = 3600', [], LIMIT),
  );
  cloneFrom(server, admin, donor, { stalledMs: 600_000 }).catch(() => undefined);
  const sql = "SELECT STATE AS state FROM performance_schema.clone_progress WHERE STAGE = 'DROP DATA'";
  const isAccepted = async (): Promise<boolean> => {
    const rows = await admin.on('observe', LIMIT, (session) => session.rows(sql, [], LIMIT));
    return rows.some(({ state }) => state !== 'Not Started');
  };
  await expect.poll(isAccepted).toBe(true);
  return server;
}
