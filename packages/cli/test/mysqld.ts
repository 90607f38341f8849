/** One real mysqld for the tests of `cotton mysql`, with one account and nothing of Cotton. */
import { ensureMysql, freePorts } from '@cotton/setup';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const PASSWORD = ` "p'a\\ss#\n\t\u0001wörd; `;

interface Manifest {
  command?: string[];
  mysqld: string;
  plugins: string;
  messages: string;
}

export class Mysqld {
  /** The package tree, as COTTON_MYSQL takes it. */
  readonly tree: string;
  readonly port: number;
  readonly #room: string;
  readonly #child: ChildProcess;

  private constructor(tree: string, port: number, room: string, child: ChildProcess) {
    this.tree = tree;
    this.port = port;
    this.#room = room;
    this.#child = child;
  }

  static async start(): Promise<Mysqld> {
    const { root } = await ensureMysql(() => undefined);
    const manifest = JSON.parse(await readFile(join(root, 'cotton-mysql.json'), 'utf8')) as Manifest;
    const [port = 0] = await freePorts('127.0.0.1', 1);
    const room = await mkdtemp(join(tmpdir(), 'cotton-cli-mysql-'));
    await chmod(room, 0o700);
    const command = (manifest.command ?? []).map((item) => (item.startsWith('-') ? item : join(root, item)));
    const [program = '', ...args] = [...command, join(root, manifest.mysqld)];
    const common = [
      '--no-defaults',
      '--user=root',
      `--datadir=${join(room, 'data')}`,
      `--plugin-dir=${join(root, manifest.plugins)}`,
      `--lc-messages-dir=${join(root, manifest.messages)}`,
      '--secure-file-priv=NULL',
      '--innodb-redo-log-capacity=8M',
      `--log-error=${join(room, 'error.log')}`,
    ];
    await writeFile(join(room, 'init.sql'), ACCOUNT);
    const initialize = spawn(program, [
      ...args,
      ...common,
      '--initialize-insecure',
      `--init-file=${join(room, 'init.sql')}`,
    ]);
    const code = await new Promise((ended) => initialize.once('exit', ended));
    if (code !== 0) throw new Error(await readFile(join(room, 'error.log'), 'utf8'));
    const serve = [
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(room, 's')}`,
      '--mysqlx=0',
      '--skip-log-bin',
    ];
    const child = spawn(program, [...args, ...common, ...serve], { stdio: 'ignore' });
    const mysqld = new Mysqld(root, port, room, child);
    await mysqld.#answers();
    return mysqld;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#room, { recursive: true });
  }

  async #answers(): Promise<void> {
    for (let attempt = 0; attempt < 300; attempt++) {
      if (await isListening(this.port)) return;
      await sleep(100);
    }
    const log = await readFile(join(this.#room, 'error.log'), 'utf8');
    await this.stop();
    throw new Error(log);
  }
}

/** As a hexadecimal literal, so that no rule of quoting is tested by itself. One line: an init file has lines only. */
const ACCOUNT = [
  `SET @statement = CONCAT('CREATE USER jane@\`%\` IDENTIFIED BY ', QUOTE(CONVERT(0x${Buffer.from(PASSWORD).toString('hex')} USING utf8mb4)));`,
  'PREPARE make FROM @statement;',
  'EXECUTE make;',
  'GRANT ALL ON demo.* TO jane@`%`;',
  'CREATE DATABASE demo;',
  'CREATE TABLE demo.t (id INT PRIMARY KEY);',
  '',
].join('\n');

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => undefined);
    socket.once('close', (hadError) => resolve(!hadError));
  });
}
