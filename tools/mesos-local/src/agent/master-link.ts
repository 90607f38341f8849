import { request } from 'node:http';
import type { Socket } from 'node:net';
import { jsonLines, type JsonLines } from '../json-lines.ts';
import { LINK_PATH, LINK_UPGRADE, type AgentMessage, type MasterMessage } from '../link-protocol.ts';
import type { LeaderDetector } from '../leader-detector.ts';

const CONNECT_RETRY_MS = 500;
const DEFAULT_PING_TIMEOUT_MS = 75_000;

export interface LinkEvents {
  /** A connection to a master is open: register now. */
  connected(): void;
  /** The master is not reachable; nothing can be sent. */
  disconnected(): void;
  message(message: MasterMessage): void;
}

/**
 * The agent's connection to the leading master. A broken connection to a master that is still named as
 * the leader is not tried again before the master's ping timeout has passed: Mesos agents notice a
 * restarted standalone master only then.
 */
export class MasterLink {
  readonly #detector: LeaderDetector;
  readonly #localAddress: string;
  readonly #events: LinkEvents;
  #lines: JsonLines<AgentMessage> | undefined;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pingTimeoutMs = DEFAULT_PING_TIMEOUT_MS;
  #lastPing = 0;
  #registered = false;
  #paused = false;
  #started = false;
  #stopped = false;
  /** Counts attempts: what an older one brings is of no use. */
  #attempt = 0;

  constructor(detector: LeaderDetector, localAddress: string, events: LinkEvents) {
    this.#detector = detector;
    this.#localAddress = localAddress;
    this.#events = events;
  }

  /** May be called again; only the first call counts. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#detector.start(() => this.#reconnect());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    void this.#detector.stop();
    this.#socket?.destroy();
  }

  /** Host of the master it is connected to. */
  get masterHost(): string | undefined {
    return this.#socket && this.#detector.leader?.host;
  }

  send(message: AgentMessage): void {
    this.#lines?.send(message);
  }

  /** Registration succeeded; from now on silence longer than `pingTimeoutMs` means a new master. */
  registered(pingTimeoutMs: number): void {
    this.#registered = true;
    this.#pingTimeoutMs = pingTimeoutMs;
    this.pinged();
  }

  pinged(): void {
    this.#lastPing = Date.now();
    this.#after(this.#pingTimeoutMs, () => this.#reconnect());
  }

  /** Fault injection: behaves as if the wire to the master were cut. */
  cut(): void {
    this.#paused = true;
    this.#socket?.destroy();
  }

  heal(): void {
    this.#paused = false;
    this.#reconnect();
  }

  #after(ms: number, action: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(action, Math.max(0, ms));
  }

  #reconnect(): void {
    if (this.#stopped || this.#paused) return;
    this.#drop();
    const number = ++this.#attempt;
    const isCurrent = () => number === this.#attempt;
    const leader = this.#detector.leader;
    if (!leader) return; // The detector calls again when there is one.
    const attempt = request({
      host: leader.host,
      port: leader.port,
      path: LINK_PATH,
      localAddress: this.#localAddress,
      headers: { Connection: 'Upgrade', Upgrade: LINK_UPGRADE },
      agent: false,
    });
    attempt.once('upgrade', (_response, socket: Socket, head: Buffer) => {
      if (isCurrent()) this.#opened(socket, head);
      else socket.destroy();
    });
    attempt.once('response', (response) => {
      response.resume();
      if (isCurrent()) this.#after(CONNECT_RETRY_MS, () => this.#reconnect());
    });
    attempt.once('error', () => {
      if (isCurrent()) this.#after(CONNECT_RETRY_MS, () => this.#reconnect());
    });
    attempt.end();
  }

  #opened(socket: Socket, head: Buffer): void {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed(socket));
    this.#lines = jsonLines<MasterMessage, AgentMessage>(
      socket,
      (message) => this.#events.message(message),
      head,
    );
    this.#events.connected();
  }

  #closed(socket: Socket): void {
    if (this.#socket !== socket) return;
    const wasRegistered = this.#registered;
    this.#drop();
    const quietMs = wasRegistered ? this.#lastPing + this.#pingTimeoutMs - Date.now() : CONNECT_RETRY_MS;
    this.#after(quietMs, () => this.#reconnect());
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#lines = undefined;
    if (socket) {
      this.#registered = false;
      socket.destroy();
      this.#events.disconnected();
    }
  }
}
