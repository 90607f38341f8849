import type { Log } from '@cotton/log';
import {
  type Admin,
  type DataDirectory,
  type Limit,
  type MysqlInstallation,
  MysqlServer,
  type ServerEnd,
  type ServerSettings,
} from '@cotton/mysql-ops';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireFreePort } from './free-port.ts';
import { describeError, ExecutorError } from './error.ts';

export interface MysqldKeeperOptions {
  installation: MysqlInstallation;
  /** Makes the data directory whole before each start: a rebuild that broke off leaves none. */
  prepareData: () => Promise<DataDirectory>;
  /** Asked at every start: how many acknowledgements a restarted mysqld waits for may have changed. */
  settings: () => ServerSettings;
  /** Called once, the moment a life of mysqld ends or is ended, before anything else is done about it. */
  onEnd: (end: ServerEnd) => void;
  log: Log;
}

/**
 * Starts that may fail in a row before the task is given up. One that never served will hardly do better the next
 * time; one that has served may suffer from something that passes.
 */
const MAX_FIRST_STARTS = 2;
const MAX_RESTARTS = 5;
const MAX_PAUSE_MS = 5_000;
const GONE_LOOK_MS = 1_000;

const KILLED = { code: null, signal: 'SIGKILL' } as const;

/** Keeps one mysqld: starts it, again and again where it must, and knows the one that runs now. */
export class MysqldKeeper {
  readonly #options: MysqldKeeperOptions;
  #server: MysqlServer | undefined;
  #admin: Admin | undefined;
  #failedStarts = 0;
  #hasServed = false;
  #lastFailure = '';
  /** Ended for us: exited, or sent a SIGKILL. */
  #hasEnded = true;

  constructor(options: MysqldKeeperOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#server?.hasExited === false ? this.#server.pid : undefined;
  }

  /** Sessions of the mysqld that runs, undefined while none serves. */
  get admin(): Admin | undefined {
    return this.#hasEnded || this.#server?.hasExited !== false ? undefined : this.#admin;
  }

  get server(): MysqlServer | undefined {
    return this.#server;
  }

  /**
   * Starts mysqld closed and waits until it serves. After a failure the next call waits a little longer first.
   * @throws ExecutorError `mysqld_keeps_failing` when it makes no sense to go on
   */
  async start(signal: AbortSignal): Promise<Admin> {
    await this.#pauseAfterFailures(signal);
    // One that was killed on a dead disk may linger in the kernel; its data are not free until it is gone.
    await this.#untilGone(signal);
    const { installation, prepareData, settings, log } = this.#options;
    const startedAt = performance.now();
    try {
      const data = await prepareData();
      const wanted = settings();
      await requireFreePort(wanted.bindAddress, wanted.port);
      const server = await MysqlServer.start({ installation, data, settings: wanted });
      // The sessions of the life before: nobody may take them for this one's.
      this.#admin = undefined;
      this.#watch(server);
      this.#admin = await server.waitUntilServing({ signal });
      this.#failedStarts = 0;
      this.#hasServed = true;
      log.info(
        { pid: server.pid, incarnation: server.incarnation, tookMs: since(startedAt) },
        'mysqld serves',
      );
      return this.#admin;
    } catch (error) {
      await this.kill();
      if (signal.aborted) throw error;
      this.#failedStarts++;
      this.#lastFailure = describeError(error);
      log.error({ err: error, failedStarts: this.#failedStarts }, 'mysqld did not start');
      throw error;
    }
  }

  /**
   * SIGKILL, without waiting. From here on it acknowledges and answers nothing, so it counts as ended at once: on a dead
   * disk the kernel may keep the process for long.
   */
  killWithoutWaiting(): void {
    this.kill().catch((error: unknown) =>
      this.#options.log.error({ err: error }, 'the killed mysqld does not end'),
    );
  }

  /** SIGKILL, and waits for the end. Nothing runs: nothing happens. */
  async kill(): Promise<void> {
    await this.#end(true);
  }

  /** Closes mysqld for writes and ends it, with SIGKILL when it does not manage within the limit. */
  async stopOrderly(limit: Limit): Promise<void> {
    if (this.#server?.hasExited === false) await this.#server.stopOrderly(limit);
    this.#admin?.close();
  }

  /** A rebuild has replaced the mysqld that runs. */
  adopt(server: MysqlServer, admin: Admin): void {
    this.#admin = admin;
    this.#watch(server);
  }

  #watch(server: MysqlServer): void {
    this.#server = server;
    this.#hasEnded = false;
    void server.ended.then((end) => this.#noteEnd(server, end));
    void server.exited.then(({ errorLogTail, expected }) => {
      if (!expected) this.#options.log.error({ errorLogTail }, 'the last words of mysqld');
    });
  }

  async #end(expected: boolean): Promise<void> {
    const server = this.#server;
    this.#admin?.close();
    if (server?.hasExited !== false) return;
    const gone = server.kill();
    this.#noteEnd(server, { ...KILLED, expected, incarnation: server.incarnation });
    await gone;
  }

  /** A rebuild goes through several lives; only the end of the one we know as current is news, and only once. */
  #noteEnd(server: MysqlServer, end: ServerEnd): void {
    if (this.#server !== server || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onEnd(end);
  }

  async #untilGone(signal: AbortSignal): Promise<void> {
    const server = this.#server;
    while (server?.hasExited === false) {
      await Promise.race([server.exited, sleep(GONE_LOOK_MS, undefined, { signal })]);
    }
  }

  async #pauseAfterFailures(signal: AbortSignal): Promise<void> {
    if (this.#failedStarts >= (this.#hasServed ? MAX_RESTARTS : MAX_FIRST_STARTS))
      throw new ExecutorError('mysqld_keeps_failing', this.#lastFailure);
    if (this.#failedStarts > 0)
      await sleep(Math.min(MAX_PAUSE_MS, 250 * 2 ** this.#failedStarts), undefined, { signal });
  }
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
