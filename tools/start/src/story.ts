/** `npm start -- --once`: the whole story unattended, each step checked. */
import { ApiClient } from '@cotton/api';
import { resolveUrl } from '@cotton/coordination';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentialsFile, findAccount } from './account.ts';
import { bringUpDemo, cotton, waitForState } from './demo.ts';
import type { Say } from './find-demo.ts';
import { DEMO } from './find-demo.ts';
import type { Stack } from './stack.ts';

const STEP_LIMIT_MS = 60_000;

/** Create → write and read through discovery → kill -9 the primary's mysqld → write again → delete → nothing is left. */
export async function runStory(stack: Stack, say: Say): Promise<number> {
  const demo = await bringUpDemo(stack, say);
  say(`${DEMO} is ${demo.state} after ${demo.seconds.toFixed(1)} s; writing through discovery`);
  const account = await readAccount(stack, demo.uid);
  await writeRow(demo.clusterUrl, account, 1);
  await readFromReplica(demo.clusterUrl, account, 1);
  const client = new ApiClient({ urls: [stack.api] });
  const before = await client.get(DEMO);
  const pid = await primaryPid(before);
  say(`killing mysqld of ${before.primary} (pid ${pid}) with SIGKILL`);
  const killedAt = performance.now();
  process.kill(pid, 'SIGKILL');
  await writeRow(demo.clusterUrl, account, 2);
  say(`the next write was acknowledged ${Math.round(performance.now() - killedAt)} ms after the kill`);
  await waitForState(stack.api, 'HEALTHY', say);
  const after = await client.get(DEMO);
  if (after.primary === before.primary) say(`${after.primary} stayed primary`);
  await readFromReplica(demo.clusterUrl, account, 2);
  say('deleting it');
  const homes = after.members.map((m) => m.host);
  await cotton(stack, ['delete', DEMO]);
  await waitUntilGone(client);
  await checkNothingLeft(stack, homes);
  say('nothing of it is left: the story is complete');
  return 0;
}

interface Account {
  user: string;
  password: string;
}

/** The CLI keeps what `create` answered in its own file; the story reads it there, as a user would. */
async function readAccount(stack: Stack, uid: string): Promise<Account> {
  const file = credentialsFile(stack.stateDir);
  const account = await findAccount(file, uid);
  if (!account) throw new Error(`the CLI kept no password in ${file}`);
  return { user: account.user, password: account.password };
}

async function writeRow(clusterUrl: string, account: Account, id: number): Promise<void> {
  await retry(`write row ${id}`, async () => {
    const primary = (await resolveUrl(clusterUrl))?.primary;
    if (!primary) throw new Error('no primary is published');
    await withConnection({ ...primary, ...account }, async (sql) => {
      await sql.query('CREATE DATABASE IF NOT EXISTS story');
      await sql.query('CREATE TABLE IF NOT EXISTS story.row_ids (id INT PRIMARY KEY)');
      await sql.query('INSERT IGNORE INTO story.row_ids VALUES (?)', [id]);
    });
  });
}

async function readFromReplica(clusterUrl: string, account: Account, id: number): Promise<void> {
  await retry(`read row ${id} from a replica`, async () => {
    const [replica] = (await resolveUrl(clusterUrl))?.replicas ?? [];
    if (!replica) throw new Error('no replica is published');
    await withConnection({ ...replica, ...account }, async (sql) => {
      const [rows] = await sql.query('SELECT id FROM story.row_ids WHERE id = ?', [id]);
      if (!Array.isArray(rows) || rows.length !== 1) throw new Error(`row ${id} has not arrived`);
    });
  });
}

async function withConnection(
  { host, port, user, password }: Account & { host: string; port: number },
  work: (sql: Connection) => Promise<void>,
): Promise<void> {
  const sql = await createConnection({ host, port, user, password, connectTimeout: 2_000 });
  // A killed server breaks connections; the broken promise is the news, not the event.
  sql.on('error', () => {});
  try {
    await work(sql);
  } finally {
    sql.destroy();
  }
}

async function primaryPid(cluster: {
  primary: string | null;
  members: { id: string; host: string | null; http_port: number | null }[];
}): Promise<number> {
  const member = cluster.members.find((m) => m.id === cluster.primary);
  const answer = await fetch(`http://${member?.host}:${member?.http_port}/status`);
  const { mysqld_pid } = (await answer.json()) as { mysqld_pid?: number };
  if (!mysqld_pid) throw new Error(`${cluster.primary} tells no mysqld_pid`);
  return mysqld_pid;
}

async function waitUntilGone(client: ApiClient): Promise<void> {
  await retry('wait until the cluster is gone', async () => {
    const { clusters } = await client.list();
    const left = clusters.find((c) => c.name === DEMO);
    if (left) throw new Error(`${DEMO} is ${left.state}: ${left.reason}`);
  });
}

/** Reservations and volumes on the agents, data on disk, discovery in ZooKeeper, listening ports: all gone. */
async function checkNothingLeft(stack: Stack, hosts: (string | null)[]): Promise<void> {
  await retry('find nothing left', async () => {
    const state = (await (await fetch(`${stack.mesos.masterUrl}/slaves`)).json()) as {
      slaves: { hostname: string; reserved_resources: Record<string, unknown> }[];
    };
    const reserved = state.slaves.filter((a) => Object.keys(a.reserved_resources ?? {}).length > 0);
    if (reserved.length > 0)
      throw new Error(`still reserved on ${reserved.map((a) => a.hostname).join(', ')}`);
    for (const { workDir } of stack.mesos.agents) {
      const volumes = join(workDir, 'volumes/roles/cotton');
      if (existsSync(volumes) && readdirSync(volumes).length > 0)
        throw new Error(`volumes are left in ${volumes}`);
    }
    if (await resolveUrl(`${stack.zkUrl}/discover/${DEMO}`)) throw new Error('discovery still has it');
  });
  if (hosts.length === 0) throw new Error('the cluster had no members');
}

/** Repeats until it works. @throws what the last try threw, with what was tried */
async function retry(what: string, work: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + STEP_LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline)
        throw new Error(`could not ${what} within ${STEP_LIMIT_MS / 1000} s: ${(error as Error).message}`, {
          cause: error,
        });
      await sleep(20);
    }
  }
}
