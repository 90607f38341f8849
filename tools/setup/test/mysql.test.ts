import { execa, type ResultPromise } from 'execa';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureMysqlPackage } from '../src/index.ts';
import { mysqldCommand, type MysqlManifest } from '../src/mysql-manifest.ts';

const SET_UP_LIMIT_MS = 300_000; // on a fresh machine it downloads
const START_LIMIT_MS = 30_000;

let elsewhere: string;
let root: string;
let manifest: MysqlManifest;

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'cotton-package-'));
  root = join(elsewhere, 'unpacked');
  const { file } = await ensureMysqlPackage();
  await execa('mkdir', [root]);
  await execa('tar', ['-xzf', file, '-C', root]);
  manifest = JSON.parse(await readFile(join(root, 'cotton-mysql.json'), 'utf8')) as MysqlManifest;
}, SET_UP_LIMIT_MS);

afterAll(async () => {
  await rm(elsewhere, { recursive: true, force: true });
});

describe('the MySQL package', () => {
  it('has the SHA-256 it is announced with', async () => {
    const { file, sha256, version } = await ensureMysqlPackage();
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(sha256);
    expect(version).toBe(manifest.version);
  });

  it('holds a template without identity', async () => {
    const names = await readdir(join(root, manifest.template!));
    expect(names).toContain('mysql.ibd');
    expect(names.filter((name) => /auto\.cnf|binlog|\.pem$|\.sock|\.log$/.test(name))).toEqual([]);
  });

  it('serves from the template, unpacked anywhere, with nothing replicated in it', async () => {
    const dataDir = join(elsewhere, 'data');
    await cp(join(root, manifest.template!), dataDir, { recursive: true });
    const server = startMysqld(dataDir);
    try {
      await untilServing();
      expect(await query('SELECT @@version')).toContain(manifest.version);
      expect(await query('SELECT @@GLOBAL.gtid_executed')).toBe('');
      await query(
        'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (7)',
      );
      expect(await query('SELECT id FROM shop.t')).toBe('7');
      await query("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
      await query("INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'");
    } finally {
      server.kill('SIGTERM');
      await server;
    }
  });
});

function startMysqld(dataDir: string): ResultPromise<{ reject: false }> {
  const [program = '', ...args] = mysqldCommand(root, manifest);
  const at = (path: string) => join(root, path);
  const options = [
    '--no-defaults',
    `--datadir=${dataDir}`,
    `--basedir=${at(manifest.basedir)}`,
    `--plugin-dir=${at(manifest.plugins)}`,
    `--lc-messages-dir=${at(manifest.messages)}`,
    `--socket=${socket()}`,
    `--log-error=${join(elsewhere, 'error.log')}`,
    '--secure-file-priv=NULL',
    '--skip-networking',
    '--mysqlx=OFF',
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--server-id=1',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
  return execa('setpriv', ['--pdeathsig', 'KILL', program, ...args, ...options], {
    reject: false,
    timeout: 60_000,
  });
}

async function untilServing(): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return void (await query('SELECT 1'));
    } catch (cause) {
      if (Date.now() > deadline) {
        const log = await readFile(join(elsewhere, 'error.log'), 'utf8').catch(() => 'it wrote no log');
        throw new Error(`mysqld does not serve:\n${log}`, { cause });
      }
      await sleep(200);
    }
  }
}

async function query(sql: string): Promise<string> {
  const [program = '', ...args] = mysqldCommand(root, { ...manifest, mysqld: join(manifest.bin, 'mysql') });
  const client = [
    '--no-defaults',
    '-uroot',
    `--socket=${socket()}`,
    '--batch',
    '--skip-column-names',
    '-e',
    sql,
  ];
  return (await execa(program, [...args, ...client], { timeout: 20_000 })).stdout;
}

function socket(): string {
  return join(elsewhere, 's');
}
