import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { constants } from 'node:os';
import type { AddressInfo } from 'node:net';
import { jsonLines, type JsonLines } from '../json-lines.ts';
import { killTree, processTree, processesUnder, sendSignal } from './process-tree.ts';
import { keeperFile, type KeeperMessage, type KeeperRequest, type RunRequest } from './protocol.ts';

const SIGNALLED = 128;
/** Mesos looks for ended processes ten times a second: their end is never known at once. */
const REAP_MS = 50;

/** Owns the executor processes of one agent's work directory. */
export class Keeper {
  readonly #workDir: string;
  readonly #token = randomBytes(24).toString('base64url');
  readonly #running = new Map<string, number>();
  readonly #exited = new Map<string, number>();
  readonly #killed = new Set<string>();
  #agent: JsonLines<KeeperMessage> | undefined;
  #server: Server | undefined;
  /** Called when nobody needs this keeper any more: no agent and no process. */
  onIdle: (() => void) | undefined;

  constructor(workDir: string) {
    this.#workDir = workDir;
  }

  async listen(): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      const lines = jsonLines<KeeperRequest, KeeperMessage>(socket, (request) =>
        this.#handle(request, lines),
      );
      socket.on('close', () => {
        if (this.#agent !== lines) return;
        this.#agent = undefined;
        this.#checkIdle();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
    this.#publish((server.address() as AddressInfo).port);
  }

  #publish(port: number): void {
    const file = keeperFile(this.#workDir);
    writeFileSync(`${file}.new`, JSON.stringify({ port, token: this.#token, pid: process.pid }), {
      mode: 0o600,
    });
    renameSync(`${file}.new`, file);
  }

  #handle(request: KeeperRequest, from: JsonLines<KeeperMessage>): void {
    if (request.op === 'hello') {
      if (request.token === this.#token) this.#welcome(from);
      else from.close();
    } else if (from === this.#agent) {
      this.#serve(request);
    } else {
      from.close();
    }
  }

  #welcome(agent: JsonLines<KeeperMessage>): void {
    this.#agent?.close();
    this.#agent = agent;
    agent.send({
      event: 'state',
      running: [...this.#running].map(([key, pid]) => ({ key, pid })),
      exited: [...this.#exited].map(([key, status]) => ({ key, status })),
    });
  }

  #serve(request: Exclude<KeeperRequest, { op: 'hello' }>): void {
    switch (request.op) {
      case 'run':
        return this.#run(request.id, request);
      case 'kill':
        return this.#kill(request.key);
      case 'forget':
        this.#exited.delete(request.key);
        return;
    }
  }

  #run(id: number, request: RunRequest): void {
    const stdout = openSync(request.stdout, 'a');
    const stderr = openSync(request.stderr, 'a');
    const [command, ...args] = request.argv;
    // A session of its own: the agent kills the session, and a terminal's Ctrl-C does not reach it.
    const child = spawn(command!, args, {
      cwd: request.cwd,
      env: request.env,
      stdio: ['ignore', stdout, stderr],
      detached: true,
    });
    closeSync(stdout);
    closeSync(stderr);
    child.once('error', (error) => this.#agent?.send({ event: 'failed', id, message: error.message }));
    if (child.pid === undefined) return;
    this.#running.set(request.key, child.pid);
    this.#agent?.send({ event: 'started', id, pid: child.pid });
    child.once('exit', (code, signal) => setTimeout(() => this.#ended(request.key, code, signal), REAP_MS));
  }

  /** The agent's own SIGKILL shows as such; any other signal as a shell reports it, 128 + number. */
  #ended(key: string, code: number | null, signal: NodeJS.Signals | null): void {
    const pid = this.#running.get(key)!;
    const number = signal ? constants.signals[signal] : 0;
    const status = signal ? (this.#killed.has(key) ? number : (SIGNALLED + number) << 8) : code! << 8;
    this.#running.delete(key);
    this.#killed.delete(key);
    this.#exited.set(key, status);
    killTree(pid); // What the executor left behind in its session goes with it.
    this.#agent?.send({ event: 'exit', key, status });
    this.#checkIdle();
  }

  #kill(key: string): void {
    const pid = this.#running.get(key);
    if (pid === undefined) return;
    this.#killed.add(key);
    killTree(pid);
  }

  get idle(): boolean {
    return !this.#agent && this.#running.size === 0;
  }

  #checkIdle(): void {
    if (this.idle) this.onIdle?.();
  }

  /** Ends every executor: asked first, killed after `graceMs`; then whatever escaped from them. */
  async stop(graceMs: number): Promise<void> {
    this.#server?.close();
    this.#agent?.close();
    for (const pid of this.#running.values()) sendSignal(pid, 'SIGTERM');
    const deadline = Date.now() + graceMs;
    while (this.#running.size > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    for (const pid of this.#running.values()) killTree(pid);
    for (const pid of processesUnder(`${this.#workDir}/`))
      for (const one of processTree(pid)) sendSignal(one, 'SIGKILL');
    rmSync(keeperFile(this.#workDir), { force: true });
  }
}
