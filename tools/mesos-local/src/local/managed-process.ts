import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { entryPoint } from '../processes.ts';

/** Halves the time these processes take to start. */
const COMPILE_CACHE = fileURLToPath(new URL('../../../../.cache/node-compile', import.meta.url));

const STOP_DEADLINE_MS = 10_000;
const LOG_TAIL_LINES = 20;

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process that ended before it served. */
export class EndedEarly extends Error {
  readonly exit: ProcessExit;

  constructor(url: string, owner: ManagedProcess) {
    super(`the process ended before ${url} answered:\n${owner.logTail}`);
    this.exit = owner.exit;
  }
}

export interface ProcessOptions {
  role: 'master' | 'agent' | 'keeper';
  flags: Record<string, string>;
  /** Standard output and error are appended here. */
  logFile: string;
  env?: Record<string, string>;
  /** What the process is started through: a command that sets something up and then becomes it (exec). */
  launcher?: readonly string[];
}

const flagList = (flags: Record<string, string>): string[] =>
  Object.entries(flags).map(([name, value]) => `--${name}=${value}`);

/**
 * One role of the stand-in as a process of its own. It dies with the process that started it, however
 * that ends: masters and agents by the kernel's parent-death signal, which reaches even a stopped
 * process; a keeper by the end of its standard input, so that it can still end its executors.
 */
export class ManagedProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Raw result of the last run: exit code or signal. */
  get exit(): ProcessExit {
    return { code: this.#child?.exitCode ?? null, signal: this.#child?.signalCode ?? null };
  }

  start(changedFlags: Record<string, string> = {}): void {
    const { role, flags, logFile, env, launcher = [] } = this.#options;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    Object.assign(flags, changedFlags);
    const argv = [...launcher, process.execPath, ...entryPoint(), role, ...flagList(flags)];
    const tied = role === 'keeper';
    const [command = '', ...args] = tied ? argv : ['setpriv', '--pdeathsig=KILL', '--', ...argv];
    const child = spawn(command, args, {
      stdio: [tied ? 'pipe' : 'ignore', log, log],
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...env },
      // Ctrl-C in a terminal is for the tool, which then ends the rest in order.
      detached: true,
    });
    closeSync(log);
    child.stdin?.on('error', () => {});
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#child = child;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child!.kill(signal);
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  /** Sends a signal and waits for the end; SIGKILL when it takes too long. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.signal(signal);
    const late = setTimeout(() => this.signal('SIGKILL'), STOP_DEADLINE_MS);
    await this.#ended;
    clearTimeout(late);
  }

  /** The last lines of the log, for error messages. */
  get logTail(): string {
    return readFileSync(this.#options.logFile, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-LOG_TAIL_LINES)
      .join('\n');
  }
}

const READY_DEADLINE_MS = 30_000;
const READY_POLL_MS = 25;

/** Waits until a URL answers with a status that is good enough; fails when the process ends first. */
export async function waitForHttp(
  url: string,
  owner: ManagedProcess,
  good: (status: number) => boolean,
): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    const status = await fetch(url, { redirect: 'manual' }).then(
      (response) => response.status,
      () => 0,
    );
    if (good(status)) return;
    if (!owner.running) throw new EndedEarly(url, owner);
    if (Date.now() > deadline)
      throw new Error(`${url} did not answer in ${READY_DEADLINE_MS / 1000} seconds:\n${owner.logTail}`);
    await sleep(READY_POLL_MS);
  }
}
