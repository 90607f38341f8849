/** The scheduler bundle as a child process, kept running as systemd would: it exits when it loses its leadership. */
import { SCHEDULER_EXIT_CODES } from '@cotton/api';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundles } from './paths.ts';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const RESTART_PAUSE_MS = 1_000;
const RESTARTED: readonly number[] = [
  SCHEDULER_EXIT_CODES.internal.code,
  SCHEDULER_EXIT_CODES.zookeeper.code,
  SCHEDULER_EXIT_CODES.leadership.code,
];

export interface SchedulerSettings {
  host: string;
  port: number;
  /** Flags without the port, as `name: value`. */
  flags: Record<string, string>;
  logFile: string;
  /** Another bundle than the one that was built. */
  bundle?: string;
  /** What the process is started through, such as a network namespace. */
  launcher?: readonly string[];
}

export class SchedulerProcess {
  readonly url: string;
  readonly #settings: SchedulerSettings;
  #child: ChildProcess | undefined;
  /** Whether it should run: then it is started again when it ends by itself. */
  #wanted = false;
  /** Told after each restart that nobody asked for. */
  onRestart: () => void = () => {};

  constructor(settings: SchedulerSettings) {
    this.#settings = settings;
    this.url = `http://${settings.host}:${settings.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it and waits for nothing: a standby is not ready before it leads. */
  async launch(): Promise<void> {
    this.#wanted = true;
    this.#child = await this.#launch();
  }

  /** Starts it and waits until it is subscribed with Mesos. @throws with the end of its log when it is not in time */
  async start(): Promise<void> {
    await this.launch();
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await this.#isReady())) {
      if (
        Date.now() > deadline ||
        (this.#child && this.#child.exitCode !== null && !RESTARTED.includes(this.#child.exitCode))
      )
        throw new Error(`the scheduler did not become ready:\n${await this.logTail()}`);
      await sleep(50);
    }
  }

  /** @param signal SIGKILL to see what a crash loses */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(hard);
  }

  async logTail(lines = 25): Promise<string> {
    const text = await readFile(this.#settings.logFile, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }

  async #launch(): Promise<ChildProcess> {
    const { host, port, flags, logFile, bundle = bundles.scheduler, launcher = [] } = this.#settings;
    const all = { port: `${port}`, bind: host, advertise: host, ...flags };
    const args = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
    const log = await open(logFile, 'a');
    try {
      // It must not outlive us, whatever ends us.
      const program = [...launcher, process.execPath, bundle, ...args];
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...program], {
        stdio: ['ignore', log.fd, log.fd],
      });
      child.once('exit', (code) => void this.#restartAfter(child, code));
      return child;
    } finally {
      await log.close();
    }
  }

  /** What a person has to mend (flags, state, a refusal by Mesos) is not mended by another start. */
  async #restartAfter(child: ChildProcess, exitCode: number | null): Promise<void> {
    if (exitCode !== null && !RESTARTED.includes(exitCode)) return;
    await sleep(RESTART_PAUSE_MS);
    // Somebody may have stopped it meanwhile, or started another.
    if (!this.#wanted || this.#child !== child) return;
    this.#child = await this.#launch();
    this.onRestart();
  }

  async #isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }
}
