import { open, type FileHandle } from 'node:fs/promises';
import { SOCKET } from './config.ts';
import { MysqlOpsError } from './error.ts';
import { countdown, type Limit, sleep, within } from './limit.ts';
import { endOrphans } from './orphans.ts';
import { ADMIN_USER, type Endpoint, Session } from './session.ts';

/**
 * Sessions are kept apart by purpose, so that a statement that waits never takes the last one from the probe or from
 * the reading of positions. Steps are done one at a time, and none of them waits for acknowledgements; their spare
 * sessions are there because a new one cannot be had while an account statement waits. Writes have several: an
 * acknowledgement that got lost comes only with a later write, so one that waits must not hold up the next. Upkeep may
 * wait for room on a full disk.
 */
export type Lane = 'steps' | 'observe' | 'writes' | 'probe' | 'upkeep';

const LANE_SIZES: Record<Lane, number> = { steps: 3, observe: 2, writes: 6, probe: 1, upkeep: 1 };
const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_PAUSE_MS = 200;

export interface AdminOptions {
  dataDirectory: string;
  password: string;
  incarnation: number;
}

/**
 * The administration sessions of one incarnation of mysqld, opened once and held: a waiting ALTER USER blocks new
 * ones. Pass it to the verbs of this package; they may be called at the same time.
 */
export class Admin {
  readonly incarnation: number;
  readonly dataDirectory: string;
  readonly #directory: FileHandle;
  readonly #lanes: Record<Lane, SessionLane>;
  readonly #orphans = new Set<number>();
  #lastStep: Promise<void> = Promise.resolve();

  private constructor(options: AdminOptions, directory: FileHandle, lanes: Record<Lane, SessionLane>) {
    this.incarnation = options.incarnation;
    this.dataDirectory = options.dataDirectory;
    this.#directory = directory;
    this.#lanes = lanes;
  }

  /** @throws MysqlOpsError `unreachable` while mysqld does not serve yet */
  static async open(options: AdminOptions, limit: Limit): Promise<Admin> {
    const directory = await open(options.dataDirectory, 'r');
    const endpoint: Endpoint = {
      // Short however deep the volume lies: a socket's path may have only 107 bytes.
      socketPath: `/proc/self/fd/${directory.fd}/${SOCKET}`,
      user: ADMIN_USER,
      password: options.password,
    };
    const lanes = Object.fromEntries(
      Object.entries(LANE_SIZES).map(([lane, size]) => [lane, new SessionLane(endpoint, size)]),
    ) as Record<Lane, SessionLane>;
    const admin = new Admin(options, directory, lanes);
    try {
      await Promise.all(Object.values(lanes).map((lane) => lane.fill(limit)));
      return admin;
    } catch (error) {
      admin.close();
      throw error;
    }
  }

  /**
   * Runs `work` on a session of its own. Used by this package's verbs. A step that was given up may still be at work in
   * mysqld and take effect later: the next step ends it first.
   */
  async on<T>(lane: Lane, limit: Limit, work: (session: Session) => Promise<T>): Promise<T> {
    return lane === 'steps' ? this.#step(limit, work) : this.#lanes[lane].use(limit, work);
  }

  async #step<T>(limit: Limit, work: (session: Session) => Promise<T>): Promise<T> {
    const before = this.#lastStep;
    const done = Promise.withResolvers<void>();
    this.#lastStep = done.promise;
    const time = countdown(limit);
    try {
      await within(limit, before);
      return await this.#lanes.steps.use(time.left(), async (session) => {
        await endOrphans(session, this.#orphans, time);
        try {
          return await work(session);
        } finally {
          if (session.orphan !== undefined) this.#orphans.add(session.orphan);
        }
      });
    } finally {
      // A step that did not get its turn must not let the one behind it overtake the one before it.
      void before.then(done.resolve);
    }
  }

  close(): void {
    for (const lane of Object.values(this.#lanes)) lane.close();
    void this.#directory.close().catch(() => undefined);
  }
}

/** A fixed number of sessions that replaces the ones it loses. */
class SessionLane {
  readonly #endpoint: Endpoint;
  readonly #size: number;
  readonly #idle: Session[] = [];
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(endpoint: Endpoint, size: number) {
    this.#endpoint = endpoint;
    this.#size = size;
  }

  async fill(limit: Limit): Promise<void> {
    const opened = Array.from({ length: this.#size }, () =>
      Session.openForAdministration(this.#endpoint, limit),
    );
    for (const session of await Promise.allSettled(opened)) {
      // Another lane may have failed meanwhile: then this one is closed, and nobody else would end the session.
      if (session.status === 'fulfilled') this.#giveBack(session.value);
    }
    await Promise.all(opened);
  }

  async use<T>(limit: Limit, work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#take(limit);
    try {
      return await work(session);
    } finally {
      this.#giveBack(session);
    }
  }

  async #take(limit: Limit): Promise<Session> {
    const time = countdown(limit);
    for (;;) {
      if (this.#closed) throw new MysqlOpsError('unreachable', 'mysqld has ended');
      const session = this.#idle.pop();
      if (session && !session.isBroken) return session;
      if (session) void this.#replace();
      else await within(time.left(), new Promise<void>((resolve) => this.#waiting.push(resolve)));
    }
  }

  #giveBack(session: Session): void {
    if (this.#closed) session.destroy();
    else if (session.isBroken) void this.#replace();
    else this.#put(session);
  }

  #put(session: Session): void {
    this.#idle.push(session);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Tries until the incarnation ends. */
  async #replace(): Promise<void> {
    while (!this.#closed) {
      try {
        const session = await Session.openForAdministration(this.#endpoint, {
          deadlineMs: CONNECT_TIMEOUT_MS,
        });
        return this.#giveBack(session);
      } catch {
        await sleep(RECONNECT_PAUSE_MS);
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const session of this.#idle.splice(0)) session.destroy();
    this.#wake();
  }
}
