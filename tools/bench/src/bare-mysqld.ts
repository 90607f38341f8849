/** The yardstick: the same mysqld without Cotton, initialised and started once on this machine, now. */
import { ensureMysql, freePorts, type MysqlManifest } from '@cotton/setup';
import { execa } from 'execa';
import { createConnection } from 'mysql2/promise';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';
const LIMIT_MS = 120_000;
const POLL_MS = 20;

export interface BareTimes {
  initialiseMs: number;
  /** Until it answers a query. */
  startMs: number;
}

/** @param folder made, used and removed */
export async function measureBareMysqld(folder: string): Promise<BareTimes> {
  await mkdir(folder, { recursive: true });
  try {
    const [port = 0] = await freePorts(HOST, 1);
    const command = await commandLine(folder, port);
    const initialiseMs = await timed(() => initialise(command));
    return { initialiseMs, startMs: await measureStart(command, port) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function initialise([program = '', ...args]: string[]): Promise<void> {
  await execa(program, [...args, '--initialize-insecure'], { timeout: LIMIT_MS });
}

async function measureStart(command: string[], port: number): Promise<number> {
  const mysqld = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: 'ignore' });
  const exited = once(mysqld, 'exit');
  try {
    return await timed(() => untilItAnswers(port));
  } finally {
    mysqld.kill('SIGKILL');
    await exited;
  }
}

async function untilItAnswers(port: number): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      const sql = await createConnection({ host: HOST, port, user: 'root', connectTimeout: 1_000 });
      await sql.query('SELECT 1');
      return sql.destroy();
    } catch (cause) {
      if (performance.now() > deadline) throw new Error('the bare mysqld does not answer', { cause });
      await sleep(POLL_MS);
    }
  }
}

/** The package tree's mysqld with nothing of Cotton's configuration. */
async function commandLine(folder: string, port: number): Promise<string[]> {
  const { root } = await ensureMysql();
  const manifest = JSON.parse(await readFile(join(root, 'cotton-mysql.json'), 'utf8')) as MysqlManifest;
  const [loader, flag, libraries] = manifest.command ?? [];
  const prefix = loader && flag && libraries ? [join(root, loader), flag, join(root, libraries)] : [];
  return [
    ...prefix,
    join(root, manifest.mysqld),
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    `--basedir=${join(root, manifest.basedir)}`,
    `--plugin-dir=${join(root, manifest.plugins)}`,
    `--lc-messages-dir=${join(root, manifest.messages)}`,
    `--log-error=${join(folder, 'error.log')}`,
    `--socket=${join(folder, 'mysqld.sock')}`,
    `--port=${port}`,
    `--bind-address=${HOST}`,
    '--secure-file-priv=NULL',
    '--mysqlx=OFF',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
