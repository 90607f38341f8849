import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Admin } from './admin.ts';
import { type BootFiles, writeBootFiles } from './boot-files.ts';
import type { ServerSettings } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import { hasCode, MysqlOpsError } from './error.ts';
import { beginErrorLog, type ErrorLog, readTail } from './error-log.ts';
import { stopEventScheduler } from './events.ts';
import { launch } from './launch.ts';
import type { MysqlInstallation } from './installation.ts';
import { countdown, type Limit, sleep, within } from './limit.ts';
import { finishRebuild, prepareRebuilt } from './rebuild.ts';
import { admitClients, setReadOnly } from './read-only.ts';
import { shutClientsOut } from './sessions.ts';
import { StallWatch } from './stall-watch.ts';
import { onVolume, volumeErrorIn } from './volume-errors.ts';
import { volumeLayout } from './volume-layout.ts';

export interface ServerOptions {
  installation: MysqlInstallation;
  data: DataDirectory;
  settings: ServerSettings;
  /** mysqld's error log; default `<volume>/log/error.log`. Kept over restarts, set aside when large. */
  errorLog?: string;
}

export interface ServerEnd {
  incarnation: number;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Asked for: `kill`, `stopOrderly`, or CLONE's restart. */
  expected: boolean;
}

export interface ServerExit extends ServerEnd {
  /** What this incarnation said last; at most 2,000 characters. */
  errorLogTail: string;
}

export interface ServingOptions {
  /** Give up after this long without a sign of progress (log, CPU, I/O); default 60 s. Recovery may take hours. */
  stalledMs?: number;
  signal?: AbortSignal;
  /** Called about every second with what mysqld said last. */
  onProgress?: (lastLogLines: string) => void;
}

const POLL_MS = 50;
const STALLED_MS = 60_000;
const OPEN_MS = 5000;
/** mysqld serves, but its start statements were not run. */
const ACCESS_DENIED = 1045;
/** The server's own errors; those of the connection are below. */
const SERVER_ERRORS_FROM = 1000;
const REFUSED_MS = 60_000;
const EXIT_AFTER_KILL_MS = 30_000;

/** One incarnation of mysqld: one life of one process, a child of this one that dies with it. */
export class MysqlServer {
  readonly options: ServerOptions;
  readonly incarnation: number;
  readonly pid: number;
  /** Resolves, and never rejects, the moment the process has ended. */
  readonly ended: Promise<ServerEnd>;
  /** Also knows its last words, read from a disk that may be what it died of. */
  readonly exited: Promise<ServerExit>;
  readonly #child: ChildProcess;
  readonly #boot: BootFiles;
  readonly #log: ErrorLog;
  #admin: Admin | undefined;
  #exitExpected = false;
  #hasExited = false;

  private constructor(
    options: ServerOptions,
    boot: BootFiles,
    log: ErrorLog,
    child: ChildProcess,
    pid: number,
  ) {
    this.options = options;
    this.#boot = boot;
    this.#log = log;
    this.#child = child;
    this.pid = pid;
    this.incarnation = boot.incarnation;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#hasExited = true;
        this.#admin?.close();
        resolve({ incarnation: this.incarnation, code, signal, expected: this.#exitExpected });
      });
    });
    this.exited = this.ended.then(async (end) => ({ ...end, errorLogTail: await this.#lastWords() }));
  }

  /**
   * Starts the process, closed for writes and following nobody. The next incarnation is a new object.
   * @throws MysqlOpsError `config_refused`, `start_failed`, `volume_read_only`, `volume_full`
   */
  static async start(options: ServerOptions): Promise<MysqlServer> {
    return onVolume(options.data.volume, MysqlServer.#start(options));
  }

  static async #start(options: ServerOptions): Promise<MysqlServer> {
    const { installation, data, settings } = options;
    const errorLog = options.errorLog ?? join(volumeLayout(data.volume).log, 'error.log');
    const log = await beginErrorLog(errorLog);
    const boot = await writeBootFiles(installation, data, settings, errorLog);
    await prepareRebuilt(data);
    const child = await launch(installation, data, boot.config, errorLog);
    const pid = child.pid;
    if (pid === undefined) throw new MysqlOpsError('start_failed', 'setpriv or mysqld cannot be run');
    return new MysqlServer(options, boot, log, child, pid);
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /**
   * Resolves with the administration sessions once mysqld answers.
   * @throws MysqlOpsError `start_failed` with the error log's tail, `volume_full`, `start_stalled`, `aborted`
   */
  async waitUntilServing(options: ServingOptions = {}): Promise<Admin> {
    const admin = await this.#firstAnswer(options);
    this.#admin = admin;
    await rm(this.#boot.initFile, { force: true });
    await finishRebuild(this.options.data, admin);
    await admitClients(admin, { deadlineMs: OPEN_MS, signal: options.signal });
    return admin;
  }

  /** SIGKILL: how a primary is fenced and demoted. */
  async kill(): Promise<ServerExit> {
    this.#exitExpected = true;
    this.#child.kill('SIGKILL');
    return this.#exitWithin(EXIT_AFTER_KILL_MS);
  }

  /**
   * Closes for writes within a third of the deadline, ends events and the clients' sessions, then SIGTERM; SIGKILL when that takes
   * too long. A SIGTERM with writers waiting for an acknowledgement answers OK to them, although no replica has their
   * transactions; and XA COMMIT writes, and waits, on a closed mysqld too.
   */
  async stopOrderly(limit: Limit): Promise<ServerExit & { orderly: boolean }> {
    this.#exitExpected = true;
    const time = countdown(limit);
    try {
      const admin = this.#admin;
      if (!admin) throw new MysqlOpsError('unreachable', 'mysqld does not serve');
      await setReadOnly(admin, true, { ...limit, deadlineMs: limit.deadlineMs / 3 });
      // Also because a shutdown gives idle sessions ten seconds before it closes them.
      await admin.on('steps', time.left(), async (session) => {
        await stopEventScheduler(session, time.left());
        await shutClientsOut(session, time);
      });
      admin.close();
      this.#child.kill('SIGTERM');
      return { ...(await within(time.left(), this.exited)), orderly: true };
    } catch {
      return { ...(await this.kill()), orderly: false };
    }
  }

  /** CLONE ends the process by itself. */
  expectExit(isExpected: boolean): void {
    this.#exitExpected = isExpected;
  }

  async #firstAnswer({ stalledMs = STALLED_MS, signal, onProgress }: ServingOptions): Promise<Admin> {
    const watch = new StallWatch(this.pid, this.#log.file, stalledMs);
    let refusedAtMs: number | undefined;
    for (;;) {
      if (this.#hasExited) throw await this.#startFailure();
      const answer = await this.#tryToOpen(signal);
      if (answer instanceof Admin) return answer;
      // It answers, so it will never look stalled: too few connections are allowed, or others have them.
      if (!isRefusal(answer)) refusedAtMs = undefined;
      else if (performance.now() - (refusedAtMs ??= performance.now()) > REFUSED_MS)
        throw new MysqlOpsError('start_failed', `mysqld does not let administration in: ${answer.message}`);
      if (await watch.look()) onProgress?.(await readTail(this.#log));
      if (watch.isStalled) throw new MysqlOpsError('start_stalled', await readTail(this.#log));
      await sleep(POLL_MS, signal);
    }
  }

  /** The answer is why not, where that may pass. */
  async #tryToOpen(signal?: AbortSignal): Promise<Admin | MysqlOpsError> {
    const { incarnation, password } = this.#boot;
    const dataDirectory = this.options.data.path;
    try {
      return await Admin.open({ dataDirectory, password, incarnation }, { deadlineMs: OPEN_MS, signal });
    } catch (error) {
      const isNotYet = hasCode(error, 'unreachable', 'deadline') && error.errno !== ACCESS_DENIED;
      if (isNotYet) return error;
      throw error;
    }
  }

  async #startFailure(): Promise<MysqlOpsError> {
    const { code, signal, errorLogTail } = await this.exited;
    const how = signal === null ? `exit code ${code}` : signal;
    return new MysqlOpsError(volumeErrorIn(errorLogTail) ?? 'start_failed', `${how}\n${errorLogTail}`);
  }

  async #lastWords(): Promise<string> {
    return readTail(this.#log).catch(() => '');
  }

  /** A killed process can linger in the kernel on a dead disk; then there is nothing more to be done here. */
  async #exitWithin(deadlineMs: number): Promise<ServerExit> {
    return within({ deadlineMs }, this.exited);
  }
}

function isRefusal({ errno = 0 }: MysqlOpsError): boolean {
  return errno >= SERVER_ERRORS_FROM;
}
