import type { Socket } from 'node:net';
import library, { type Client, type ConnectionManager } from 'node-zookeeper-client';
import { FrameSplitter } from './frames.ts';
import type { ZkAuth } from './url.ts';

/** After every server was tried in vain the library waits a random time up to this. */
const SPIN_DELAY_MS = 300;
/** The library's own number for "closing: do not reconnect". */
const CLOSING = -1;

export interface LibraryHooks {
  /** An attempt to connect to a server begins. */
  attempting(): void;
  /** The stream could not be understood; the connection was dropped. */
  garbled(error: unknown): void;
}

/**
 * One client of node-zookeeper-client, with those of its faults mended that need its inner parts:
 * - A reply cut short by a lost connection would be joined to the next connection's first bytes, many small
 *   replies in one read cost quadratic time, and an error number it does not know crashes the process:
 *   we cut the stream into frames ourselves and drop a connection whose frames it cannot take.
 * - What was not yet written when a connection broke would be sent on the next one before authentication.
 * - All watches are sent again in one packet, which the server refuses when it is too large, for ever:
 *   we forget them, because whoever watches reads again after each reconnection anyway.
 */
export class LibraryClient {
  readonly client: Client;
  readonly #manager: ConnectionManager;
  #abandoned = false;

  constructor(servers: string, sessionTimeoutMs: number, auth: ZkAuth | undefined, hooks: LibraryHooks) {
    this.client = library.createClient(servers, {
      sessionTimeout: sessionTimeoutMs,
      spinDelay: SPIN_DELAY_MS,
      retries: 0,
    });
    this.#manager = this.client.connectionManager;
    if (auth) this.client.addAuthInfo('digest', Buffer.from(`${auth.user}:${auth.password}`));
    this.#watchAttempts(hooks);
    this.#feedWholeFrames(hooks);
  }

  /** To be called whenever a connection is gone. */
  forgetConnection(): void {
    this.#manager.packetQueue.queue.length = 0;
    const WatcherManager = this.#manager.watcherManager.constructor as new () => object;
    this.#manager.watcherManager = new WatcherManager();
  }

  /** Ends the present connection, if any; the library then tries the next server. */
  dropConnection(): void {
    // Left running it would end the next connection instead.
    clearTimeout(this.#manager.connectTimeoutHandler);
    this.#manager.socket?.destroy();
  }

  /** Ends everything at once, telling the server nothing: the session ends by its timeout. */
  abandon(): void {
    this.#abandoned = true;
    this.client.removeAllListeners('state');
    this.#manager.setState(CLOSING);
    this.dropConnection();
  }

  #watchAttempts(hooks: LibraryHooks): void {
    const findNextServer = this.#manager.findNextServer.bind(this.#manager);
    this.#manager.findNextServer = (found) =>
      findNextServer((server) => {
        if (this.#abandoned) return;
        hooks.attempting();
        found(server);
      });
  }

  #feedWholeFrames(hooks: LibraryHooks): void {
    const takeFrame = this.#manager.onSocketData.bind(this.#manager);
    let socket: Socket | undefined;
    let frames = new FrameSplitter();
    this.#manager.onSocketData = (chunk) => {
      if (this.#manager.socket !== socket) {
        socket = this.#manager.socket;
        frames = new FrameSplitter();
      }
      try {
        for (const frame of frames.push(chunk)) {
          if (socket?.destroyed) return;
          takeFrame(frame);
        }
      } catch (error) {
        hooks.garbled(error);
        this.dropConnection();
      }
    };
  }
}
