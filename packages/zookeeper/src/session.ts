import library, { type Client, type Failure } from 'node-zookeeper-client';
import { ConnectionBroken, errorFromProtocol, ZooKeeperError } from './errors.ts';
import { LibraryClient } from './library.ts';
import { Liveness } from './liveness.ts';
import type { Log } from './options.ts';
import type { ZkAuth } from './url.ts';

/**
 * `connecting`: no connection, the session (if there is one yet) stands. `suspect`: no answer for two thirds of
 * the session timeout. `lost`: by our clock or the server's word, and for good. `refused`: credentials not accepted.
 */
export type SessionPhase = 'connecting' | 'connected' | 'suspect' | 'lost' | 'refused';

export interface SessionOptions {
  servers: string;
  auth?: ZkAuth | undefined;
  sessionTimeoutMs: number;
  /** Monotonic, in ms. */
  now: () => number;
  log: Log;
  onPhase: (phase: SessionPhase) => void;
}

/** Parts of the session timeout. */
const HEARTBEAT_PART = 1 / 5;
const ATTEMPT_PART = 1 / 6;
const FIRST_ATTEMPT_PART = 1 / 2;
const MIN_ATTEMPT_MS = 400;
const CHECK_PART = 1 / 15;

interface Outstanding {
  fail(error: ZooKeeperError): void;
}

/** One ZooKeeper session, across its connections, until it is lost or closed. */
export class Session {
  readonly #options: SessionOptions;
  readonly #liveness: Liveness;
  readonly #library: LibraryClient;
  readonly #outstanding = new Set<Outstanding>();
  #timer: NodeJS.Timeout | undefined;
  #phase: SessionPhase = 'connecting';
  #ended = false;
  #attemptSinceMs: number;
  #connectedSinceMs = 0;
  #heartbeatSentAtMs = -Infinity;
  #heartbeatPending = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#attemptSinceMs = options.now();
    this.#liveness = new Liveness(options.now, options.sessionTimeoutMs);
    this.#library = new LibraryClient(options.servers, options.sessionTimeoutMs, options.auth, {
      attempting: () => (this.#attemptSinceMs = options.now()),
      garbled: (error) => options.log('zookeeper: unreadable packet, reconnecting', { error: String(error) }),
    });
    this.#library.client.on('state', (state) => this.#onLibraryState(state));
    this.#library.client.connect();
    this.#checkLater();
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  /** 16 hex digits; zeros before the first connection. */
  get id(): string {
    return this.#library.client.getSessionId().toString('hex');
  }

  get timeoutMs(): number {
    return this.#liveness.sessionTimeoutMs;
  }

  freshnessMs(): number {
    return this.#liveness.freshnessMs();
  }

  /** ms since the present connection was made; 0 without one. */
  connectedForMs(): number {
    return this.#phase === 'connected' ? this.#options.now() - this.#connectedSinceMs : 0;
  }

  /**
   * One request on the present connection. Fails with `connection_loss` when there is none or it ends first.
   * `send` hands the request to the library; `done` takes its answer.
   */
  request<T>(
    what: string,
    send: (client: Client, done: (error: Failure, result: T) => void) => void,
  ): Promise<T> {
    if (this.#phase !== 'connected') return Promise.reject(new ConnectionBroken(what));
    const sentAtMs = this.#options.now();
    return new Promise<T>((resolve, reject) => {
      const outstanding: Outstanding = { fail: reject };
      this.#outstanding.add(outstanding);
      const done = (failure: Failure, result: T): void => {
        if (!this.#outstanding.delete(outstanding)) return;
        const error = failure ? errorFromProtocol(failure.getCode(), what) : undefined;
        if (!(error instanceof ConnectionBroken)) this.#liveness.answered(sentAtMs);
        if (error) reject(error);
        else resolve(result);
      };
      try {
        send(this.#library.client, done);
      } catch (error) {
        this.#outstanding.delete(outstanding);
        reject(new ZooKeeperError('invalid', `${what}: ${String(error)}`, { cause: error }));
      }
    });
  }

  /** Judges the session now. Runs on a timer; call it before trusting `phase` after the process may have been stopped. */
  check(): void {
    if (this.#ended) return;
    const judgement = this.#liveness.judge();
    if (judgement === 'lost') return this.#end('lost');
    if (judgement === 'suspect') this.#suspect();
    if (this.#phase === 'connected') this.#heartbeat();
    else this.#limitAttempt();
    this.#checkLater();
  }

  /** Tells the server that the session ends, so that its ephemeral nodes vanish at once; gives up after `limitMs`. */
  async close(limitMs: number): Promise<void> {
    if (this.#phase === 'connected') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        const disconnected = (): void => {
          clearTimeout(timer);
          resolve();
        };
        this.#library.client.removeAllListeners('state').once('state', disconnected);
        this.#library.client.close();
      });
    }
    this.#end('lost');
  }

  #onLibraryState(state: unknown): void {
    if (state === library.State.SYNC_CONNECTED) this.#connected();
    else if (state === library.State.DISCONNECTED) this.#disconnected();
    else if (state === library.State.EXPIRED) this.#end('lost');
    else if (state === library.State.AUTH_FAILED) this.#end('refused');
  }

  #connected(): void {
    // Lost by our clock stays lost, even if the server has not noticed yet: decisions may rest on it.
    this.check();
    if (this.#ended) return;
    this.#liveness.granted(this.#library.client.getSessionTimeout());
    // The server has confirmed the session; it cannot have done so before we began to connect.
    this.#liveness.answered(this.#attemptSinceMs);
    this.#connectedSinceMs = this.#options.now();
    this.#heartbeatPending = false;
    this.#enter('connected');
  }

  #disconnected(): void {
    this.#library.forgetConnection();
    this.#attemptSinceMs = this.#options.now();
    if (this.#phase === 'connected') this.#enter('connecting');
    this.#failOutstanding();
  }

  /** In time for the next judgement, which must not be later than the server's own, and for heartbeats. */
  #checkLater(): void {
    clearTimeout(this.#timer);
    const waitMs = Math.min(this.#liveness.untilNextMs(), this.timeoutMs * CHECK_PART);
    this.#timer = setTimeout(() => this.check(), Math.max(1, waitMs));
  }

  #suspect(): void {
    if (this.#phase === 'suspect') return;
    const hadConnection = this.#phase === 'connected';
    this.#enter('suspect');
    // Another server may still answer within the third that is left.
    if (hadConnection) this.#library.dropConnection();
  }

  #heartbeat(): void {
    const nowMs = this.#options.now();
    if (this.#heartbeatPending || nowMs - this.#heartbeatSentAtMs < this.timeoutMs * HEARTBEAT_PART) return;
    this.#heartbeatPending = true;
    this.#heartbeatSentAtMs = nowMs;
    const answered = (): void => void (this.#heartbeatPending = false);
    this.request('heartbeat', (client, done) => client.exists('/', undefined, done)).then(answered, answered);
  }

  /** A server that accepts a connection and then says nothing must not use up the session's time. */
  #limitAttempt(): void {
    const firstEver = this.#liveness.freshnessMs() === Infinity;
    const limitMs = Math.max(
      MIN_ATTEMPT_MS,
      this.timeoutMs * (firstEver ? FIRST_ATTEMPT_PART : ATTEMPT_PART),
    );
    if (this.#options.now() - this.#attemptSinceMs < limitMs) return;
    this.#attemptSinceMs = this.#options.now();
    this.#library.dropConnection();
  }

  #end(phase: 'lost' | 'refused'): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#library.abandon();
    this.#enter(phase);
    this.#failOutstanding();
  }

  #enter(phase: SessionPhase): void {
    this.#phase = phase;
    this.#options.onPhase(phase);
  }

  #failOutstanding(): void {
    for (const outstanding of this.#outstanding) outstanding.fail(new ConnectionBroken('request'));
    this.#outstanding.clear();
  }
}
