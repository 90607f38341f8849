import { tell } from './callbacks.ts';
import { Calls } from './calls.ts';
import { ZooKeeperError } from './errors.ts';
import { ANY_VERSION, type Op, sameNode, type ZkNode } from './node.ts';
import { checkOptions, type ZooKeeperOptions } from './options.ts';
import { nodeExists, readChildren, readNode } from './requests.ts';
import { Session, type SessionPhase } from './session.ts';
import { ensurePath, removeTree } from './tree.ts';
import { checkPath } from './url.ts';
import { Watch, type Watched } from './watch.ts';
import { createSequential, write } from './writes.ts';

/**
 * `connecting`: no connection just now, the session (if any) stands. `suspect`: nothing heard for two thirds of the
 * session timeout. `lost`: the session is gone, by our own clock or the server's word; a `connected` after it has a
 * new `sessionId` and none of the ephemeral nodes. `closed`: for good.
 */
export type ZooKeeperState = 'connecting' | 'connected' | 'suspect' | 'lost' | 'closed';

const CLOSE_LIMIT_MS = 1_000;

/**
 * A ZooKeeper client that lives across sessions. Every call waits for a connection, is repeated when one breaks and
 * ends by its deadline; every failure is a ZooKeeperError.
 */
export class ZooKeeper {
  readonly #options: ReturnType<typeof checkOptions>;
  readonly #calls: Calls;
  readonly #listeners = new Set<(state: ZooKeeperState) => void>();
  readonly #watches = new Set<{ renew(): void; stop(): void }>();
  #session: Session;
  #state: ZooKeeperState = 'connecting';
  #refused: ZooKeeperError | undefined;
  #closing = false;

  /** Resolves when connected; fails after `deadlineMs` without a connection, leaving nothing behind. */
  static async connect(options: ZooKeeperOptions): Promise<ZooKeeper> {
    const zookeeper = new ZooKeeper(options);
    try {
      await zookeeper.exists('/');
      return zookeeper;
    } catch (error) {
      await zookeeper.close();
      throw zookeeper.#refused ?? error;
    }
  }

  private constructor(options: ZooKeeperOptions) {
    this.#options = checkOptions(options);
    this.#calls = new Calls(() => this.#session, this.#options.deadlineMs);
    this.#session = this.#newSession();
  }

  /** Judged at the moment of asking, also after this process was stopped for a while. */
  get state(): ZooKeeperState {
    this.#session.check();
    return this.#state;
  }

  /** 16 hex digits, as in `ZkNode.ephemeralOwner`. */
  get sessionId(): string {
    return this.#session.id;
  }

  /** As the server granted it. */
  get sessionTimeoutMs(): number {
    return this.#session.timeoutMs;
  }

  /** ms since the last answered request was SENT: the server cannot expire the session before this reaches the session timeout. */
  freshnessMs(): number {
    return this.#session.freshnessMs();
  }

  /**
   * ms for which this connection has been up without a break, 0 while there is none. The absence of an ephemeral
   * node is evidence only once this is more than a session timeout: a recovering ZooKeeper must not look like a mass failure.
   */
  connectedForMs(): number {
    return this.#session.connectedForMs();
  }

  /** Called on every change of state, and on every new connection. Returns the way to stop. */
  onState(listener: (state: ZooKeeperState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async get(path: string): Promise<ZkNode | undefined> {
    checkPath(path);
    return this.#calls.run(`get ${path}`, (session) => readNode(session, path));
  }

  async exists(path: string): Promise<boolean> {
    checkPath(path);
    return this.#calls.run(`exists ${path}`, (session) => nodeExists(session, path));
  }

  /** Names, sorted; undefined when there is no such node. */
  async children(path: string): Promise<string[] | undefined> {
    checkPath(path);
    return this.#calls.run(`children ${path}`, (session) => readChildren(session, path));
  }

  /** The path created; for a sequential node it is `<path><unique id>_<ten digits>`. */
  async create(
    path: string,
    data: Buffer,
    kind: { ephemeral?: boolean; sequential?: boolean } = {},
  ): Promise<string> {
    const op = { op: 'create', path, data, ...kind } as const;
    if (kind.sequential) return createSequential(this.#calls, op, this.#protect);
    await write(this.#calls, [op], this.#protect);
    return path;
  }

  /** The new version. */
  async set(path: string, data: Buffer, version: number = ANY_VERSION): Promise<number> {
    const [result] = await write(this.#calls, [{ op: 'set', path, data, version }], this.#protect);
    return result?.version ?? version + 1;
  }

  async remove(path: string, version: number = ANY_VERSION): Promise<void> {
    await write(this.#calls, [{ op: 'remove', path, version }], this.#protect);
  }

  /** All or nothing; `ZooKeeperError.failedOp` tells which op was refused. */
  async multi(ops: readonly Op[]): Promise<void> {
    if (ops.length > 0) await write(this.#calls, ops, this.#protect);
  }

  /** Creates the node and its parents where they are missing, empty. */
  async ensure(path: string): Promise<void> {
    checkPath(path);
    await ensurePath(this, path);
  }

  /** Removes the node and all below it; nothing there is success. */
  async removeTree(path: string): Promise<void> {
    checkPath(path);
    await removeTree(this, path);
  }

  /**
   * Calls back with the node as it is now and after each change; undefined while there is none. Returns the way to stop.
   * `isFirst`: the first reading on its connection. What differs then may have changed at any time, also backwards, to
   * what an old copy has; what comes after it has changed since.
   * `onClosed`: we may not read it; asked again every few seconds.
   */
  watch(
    path: string,
    callback: (node: ZkNode | undefined, isFirst: boolean) => void,
    onClosed: () => void = () => undefined,
  ): () => void {
    checkPath(path);
    return this.#watch<ZkNode | undefined>({
      what: path,
      read: (changed) => this.#calls.run(`watch ${path}`, (session) => readNode(session, path, changed)),
      same: sameNode,
      deliver: callback,
      onClosed,
      log: this.#options.log,
    });
  }

  /**
   * Calls back with the names (sorted) as they are now and after each change; undefined while there is no such node.
   * `isFirst` as for `watch`.
   */
  watchChildren(path: string, callback: (names: string[] | undefined, isFirst: boolean) => void): () => void {
    checkPath(path);
    return this.#watch<string[] | undefined>({
      what: `${path}/*`,
      read: (changed) =>
        this.#calls.run(`watch ${path}/*`, (session) => readChildren(session, path, changed)),
      same: (left, right) => left?.join('/') === right?.join('/'),
      deliver: callback,
      onClosed: () => undefined,
      log: this.#options.log,
    });
  }

  /** Ends the session, so that its ephemeral nodes vanish; takes at most about a second, whatever the server does. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#shut(new ZooKeeperError('closed', 'This ZooKeeper client is closed'));
    await this.#session.close(CLOSE_LIMIT_MS);
    this.#enter('closed');
    this.#listeners.clear();
  }

  get #protect(): boolean {
    return this.#options.auth !== undefined;
  }

  #newSession(): Session {
    return new Session({ ...this.#options, onPhase: (phase) => this.#onPhase(phase) });
  }

  #onPhase(phase: SessionPhase): void {
    if (this.#closing) return;
    if (phase === 'connected') this.#calls.connected();
    else this.#calls.disconnected();
    if (phase === 'refused') {
      this.#refused = new ZooKeeperError('no_auth', 'ZooKeeper did not accept the credentials');
      this.#shut(this.#refused);
      return this.#enter('closed');
    }
    if (phase === 'lost') this.#calls.sessionLost();
    this.#enter(phase);
    if (phase === 'lost') this.#session = this.#newSession();
    if (phase === 'connected') for (const watch of this.#watches) watch.renew();
  }

  #watch<T>(watched: Watched<T>): () => void {
    const watch = new Watch<T>(watched);
    this.#watches.add(watch);
    watch.refresh();
    return () => {
      watch.stop();
      this.#watches.delete(watch);
    };
  }

  #shut(reason: ZooKeeperError): void {
    this.#closing = true;
    this.#calls.close(reason);
    for (const watch of this.#watches) watch.stop();
    this.#watches.clear();
  }

  #enter(state: ZooKeeperState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) tell(listener, state);
  }
}
