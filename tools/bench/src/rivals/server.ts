/** One mysqld set up by hand: no executor, the settings of Cotton's own as far as they are fair. */
import { type Account, type Place, query } from '@cotton/chaos';
import type { MysqlInstallation } from '@cotton/mysql-ops';
import { until } from '@cotton/setup';
import { execa } from 'execa';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { handMadeConfig, type Setting } from './my-cnf.ts';

export interface ServerPlan {
  mysql: MysqlInstallation;
  /** my.cnf of a mysqld of Cotton's, whose settings are taken over. */
  cottons: string;
  dir: string;
  /** Where it listens. */
  place: Place;
  serverId: number;
  settings: readonly Setting[];
  /** Clients and replicas use it. */
  account: Account;
  /** What it is started through, such as a network namespace. */
  launcher?: readonly string[];
}

const START_LIMIT_MS = 120_000;
const STATEMENT_LIMIT_MS = 60_000;
const CONNECT_LIMIT_MS = 5_000;

export class HandMadeServer {
  readonly place: Place;
  readonly #plan: ServerPlan;
  #child: ChildProcess | undefined;
  #session: Connection | undefined;

  /** Makes its data directory from the package's template. */
  static async create(plan: ServerPlan): Promise<HandMadeServer> {
    const server = new HandMadeServer(plan);
    const { dir, mysql } = plan;
    await mkdir(join(dir, 'tmp'), { recursive: true });
    if (!mysql.template) throw new Error('this MySQL tree has no initialised data directory to copy');
    await execa('cp', ['-a', '--no-preserve=ownership', mysql.template, join(dir, 'data')]);
    await writeFile(join(dir, 'init.sql'), initStatements(plan.account), { mode: 0o600 });
    await writeFile(join(dir, 'my.cnf'), handMadeConfig(plan.cottons, server.#settings()));
    return server;
  }

  private constructor(plan: ServerPlan) {
    this.#plan = plan;
    this.place = plan.place;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it serves. @throws with the end of its error log when it does not in time */
  async start(): Promise<void> {
    const { mysql, dir, launcher = [] } = this.#plan;
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    const command = [...launcher, ...mysql.mysqld, `--defaults-file=${join(dir, 'my.cnf')}`, ...user];
    await rm(this.#socket, { force: true });
    await rm(`${this.#socket}.lock`, { force: true });
    const log = await open(this.#log, 'a');
    try {
      // It must not outlive us, whatever ends us.
      this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
        cwd: dir,
        // In a session of its own, as those of Cotton: Linux shares the CPU out by sessions (autogroup).
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
    } finally {
      await log.close();
    }
    await until(() => this.#serves(), { limitMs: START_LIMIT_MS, what: 'a mysqld set up by hand serves' });
  }

  /** One statement as root, through the socket. */
  async run(statement: string, values: unknown[] = []): Promise<RowDataPacket[]> {
    this.#session ??= await this.#connect();
    try {
      return (await query(this.#session, statement, values, STATEMENT_LIMIT_MS)).rows;
    } catch (error) {
      // A refusal of the server leaves the session as it was; what else happened to it nobody knows.
      if (!('sqlState' in (error as object))) this.#dropSession();
      throw error;
    }
  }

  async kill(): Promise<void> {
    this.#dropSession();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async #serves(): Promise<boolean> {
    if (this.#child?.exitCode !== null && this.#child?.exitCode !== undefined) {
      const { stdout } = await execa('tail', ['-n', '15', this.#log], { reject: false });
      throw new Error(`a mysqld set up by hand did not start:\n${stdout}`);
    }
    return this.run('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  async #connect(): Promise<Connection> {
    const sql = await createConnection({
      ...{ socketPath: this.#socket, user: 'root', connectTimeout: CONNECT_LIMIT_MS },
    });
    // A killed server breaks connections; the broken promise is the news, not the event.
    sql.on('error', () => undefined);
    return sql;
  }

  #dropSession(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  get #socket(): string {
    return join(this.#plan.dir, 'mysqld.sock');
  }

  get #log(): string {
    return join(this.#plan.dir, 'error.log');
  }

  #settings(): Setting[] {
    const { dir, place, serverId, settings } = this.#plan;
    return [
      ['datadir', join(dir, 'data')],
      ['tmpdir', join(dir, 'tmp')],
      ['socket', this.#socket],
      ['log_error', this.#log],
      ['init_file', join(dir, 'init.sql')],
      ['server_id', `${serverId}`],
      ['bind_address', place.host],
      ['port', `${place.port}`],
      ...settings,
    ];
  }
}

/** Outside the binary log, or every server were born with transactions of its own. */
function initStatements({ user, password }: Account): string {
  return [
    'SET sql_log_bin = 0;',
    `CREATE USER IF NOT EXISTS ${user}@'%' IDENTIFIED WITH caching_sha2_password BY '${password}';`,
    `GRANT ALL ON *.* TO ${user}@'%';`,
    '',
  ].join('\n');
}
