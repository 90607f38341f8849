/** The scheduler bundle as a child process: started, killed and started again, as systemd would. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundles } from './paths.ts';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

export interface SchedulerSettings {
  host: string;
  port: number;
  /** Flags without the port, as `name: value`. */
  flags: Record<string, string>;
  logFile: string;
}

export class SchedulerProcess {
  readonly url: string;
  readonly #settings: SchedulerSettings;
  #child: ChildProcess | undefined;

  constructor(settings: SchedulerSettings) {
    this.#settings = settings;
    this.url = `http://${settings.host}:${settings.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it and waits until it is subscribed with Mesos. @throws with the end of its log when it is not in time */
  async start(): Promise<void> {
    this.#child = await this.#launch();
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await this.#isReady())) {
      if (this.#child.exitCode !== null || Date.now() > deadline)
        throw new Error(`the scheduler did not become ready:\n${await this.logTail()}`);
      await sleep(50);
    }
  }

  /** @param signal SIGKILL to see what a crash loses */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
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
    const { host, port, flags, logFile } = this.#settings;
    const all = { port: `${port}`, bind: host, advertise: host, ...flags };
    const args = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
    const log = await open(logFile, 'a');
    try {
      // It must not outlive us, whatever ends us.
      return spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, bundles.scheduler, ...args], {
        stdio: ['ignore', log.fd, log.fd],
      });
    } finally {
      await log.close();
    }
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
