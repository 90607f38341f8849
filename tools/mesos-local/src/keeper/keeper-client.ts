import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonLines, type JsonLines } from '../json-lines.ts';
import {
  keeperFile,
  type KeeperAddress,
  type KeeperMessage,
  type KeeperRequest,
  type RunRequest,
} from './protocol.ts';

const CONNECT_ATTEMPTS = 100;
const CONNECT_RETRY_MS = 50;

interface Waiting {
  resolve(pid: number): void;
  reject(error: Error): void;
}

/** The agent's side of its keeper. */
export class KeeperClient {
  #lines: JsonLines<KeeperRequest> | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  /** Containers alive when this agent connected, with their pids; and ends nobody was told of. */
  readonly running = new Map<string, number>();
  readonly exited = new Map<string, number>();
  onExit: ((key: string, status: number) => void) | undefined;
  onLost: (() => void) | undefined;

  /** Connects to the keeper of a work directory, by default waiting a few seconds for it to come up. */
  static async connect(workDir: string, attempts = CONNECT_ATTEMPTS): Promise<KeeperClient> {
    let failure: unknown;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const client = new KeeperClient();
      try {
        await client.#open(JSON.parse(readFileSync(keeperFile(workDir), 'utf8')) as KeeperAddress);
        return client;
      } catch (error) {
        failure = error;
        await sleep(CONNECT_RETRY_MS);
      }
    }
    throw new Error(`no keeper answers for ${workDir}`, { cause: failure });
  }

  #open(address: KeeperAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(address.port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('the keeper closed the connection'));
        this.onLost?.();
      });
      this.#lines = jsonLines<KeeperMessage, KeeperRequest>(socket, (message) =>
        this.#handle(message, resolve),
      );
      this.#lines.send({ op: 'hello', token: address.token });
    });
  }

  #handle(message: KeeperMessage, ready: () => void): void {
    switch (message.event) {
      case 'state':
        for (const { key, pid } of message.running) this.running.set(key, pid);
        for (const { key, status } of message.exited) this.exited.set(key, status);
        return ready();
      case 'started':
        this.#waiting.get(message.id)?.resolve(message.pid);
        this.#waiting.delete(message.id);
        return;
      case 'failed':
        this.#waiting.get(message.id)?.reject(new Error(message.message));
        this.#waiting.delete(message.id);
        return;
      case 'exit':
        this.running.delete(message.key);
        this.exited.set(message.key, message.status);
        this.onExit?.(message.key, message.status);
        return;
    }
  }

  /** Starts a process; resolves with its pid. */
  run(request: RunRequest): Promise<number> {
    const id = this.#nextId++;
    return new Promise<number>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#lines!.send({ op: 'run', id, ...request });
    }).then((pid) => {
      if (!this.exited.has(request.key)) this.running.set(request.key, pid);
      return pid;
    });
  }

  /** SIGKILL to the whole process tree; its end arrives as `onExit`. */
  kill(key: string): void {
    this.#lines!.send({ op: 'kill', key });
  }

  /** The end of this container has been dealt with. */
  forget(key: string): void {
    this.exited.delete(key);
    this.#lines!.send({ op: 'forget', key });
  }
}
