import type { Log } from '@cotton/log';
import { type Admin, marker, primaryState } from '@cotton/mysql-ops';
import type { InstanceState } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';
import type { Enforced } from './next-step.ts';
import { acknowledged, isUnheard, settled } from './pulse.ts';

export interface HeartbeatParts {
  state: InstanceState;
  keeper: Pick<MysqldKeeper, 'admin'>;
  /** `Control.heartbeatBoundMs`. */
  boundMs: () => number;
  /** Which control names for this primary; undefined while it names none. */
  generation: () => number | undefined;
  /** The scheduler can hear us: without it a request to go on alone is pointless. */
  isConnected: () => boolean;
  publish: () => void;
  log: Log;
}

const PERIOD_MS = 1_000;
const TICK_MS = 250;
/**
 * Markers that wait are left waiting: one given up would hold its row in mysqld all the same, until none is free. So
 * there are few of them, and sessions to spare.
 */
const WAITING_MAX = 3;
const WAIT_MS = 24 * 3_600_000;
const LOOK_MS = 1_000;

/** What belongs to one life of mysqld. */
interface Life {
  admin: Admin;
  waiting: number;
  receivers: string;
}

/**
 * While this is the primary: a marker every second, and one at once when a generation comes into force. Whether they
 * are acknowledged is the only proof that this primary is one. On sessions of their own, beside the conductor's steps.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #timer: NodeJS.Timeout;
  #life: Life | undefined;
  #dueAtMs = 0;
  #isLooking = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Does not wait for the next second. */
  beat(): void {
    this.#dueAtMs = 0;
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const { state, keeper, boundMs } = this.#parts;
    const { admin } = keeper;
    if (!admin || !state.open?.confirmed) return;
    if (this.#life?.admin !== admin) this.#life = { admin, waiting: 0, receivers: '' };
    const nowMs = performance.now();
    if (nowMs >= this.#dueAtMs && this.#life.waiting < WAITING_MAX) {
      this.#dueAtMs = nowMs + PERIOD_MS;
      void this.#write(this.#life, WAIT_MS);
    }
    if (isUnheard(state.pulse, state.open.ackCount, boundMs(), nowMs)) void this.#look(this.#life);
  }

  async #write(life: Life, deadlineMs: number): Promise<void> {
    const { state, publish, log } = this.#parts;
    const rules = state.enforced;
    const writtenAtMs = performance.now();
    life.waiting++;
    try {
      await marker(life.admin, { deadlineMs });
      if (!this.#isCurrent(life)) return;
      state.pulse = acknowledged(state.pulse, writtenAtMs);
      if (rules && state.pulse.settled < rules.generation) await this.#settle(life, rules);
      publish();
    } catch (error) {
      // Closed for a hand-over, or the end of this mysqld: nobody waits for this marker.
      if (this.#isCurrent(life)) log.warn({ err: error }, 'no heartbeat');
    } finally {
      life.waiting--;
    }
  }

  /**
   * The marker came back, but not for certain because so many replicas have it: switching semi-sync off lets waiting
   * markers go, too. So the rules it was written under must be in force still, in mysqld as well as here.
   */
  async #settle(life: Life, rules: Enforced): Promise<void> {
    const { state } = this.#parts;
    const { ackCount, semiSyncActive } = await primaryState(life.admin, { deadlineMs: LOOK_MS });
    const isInForce = this.#isCurrent(life) && state.enforced === rules;
    if (isInForce && semiSyncActive && ackCount > 0 && ackCount === state.open?.ackCount)
      state.pulse = settled(state.pulse, rules.generation);
  }

  /** Nothing was acknowledged for long: is it because commits wait for that? A global read lock is no such wait. */
  async #look(life: Life): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { waitingSessions, receivers } = await primaryState(life.admin, { deadlineMs: LOOK_MS });
      if (waitingSessions === 0 || !this.#isStillUnheard(life)) return;
      // An acknowledgement that a broken connection swallowed comes with the next write, and all writers may be waiting.
      if (receivers !== life.receivers) void this.#write(life, this.#parts.boundMs());
      life.receivers = receivers;
      this.#askToGoAlone(waitingSessions);
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'cannot tell who waits for acknowledgements');
    } finally {
      this.#isLooking = false;
    }
  }

  /**
   * For the generation that control names, even if it could not be brought into force: locking a leaver out may have to
   * wait for the very commit that nobody acknowledges any more.
   */
  #askToGoAlone(waitingSessions: number): void {
    const { state, generation, isConnected, publish, log } = this.#parts;
    const asked = generation();
    if (asked === undefined || state.pulse.degrade === asked || !isConnected()) return;
    state.pulse = { ...state.pulse, degrade: asked };
    log.warn({ generation: asked, waitingSessions }, 'nobody acknowledges: asks to go on alone');
    publish();
  }

  /** This life of mysqld is the one that was asked, and it is open. */
  #isCurrent({ admin }: Life): boolean {
    return this.#parts.keeper.admin === admin && this.#parts.state.open?.confirmed === true;
  }

  #isStillUnheard(life: Life): boolean {
    const { state, boundMs } = this.#parts;
    if (!this.#isCurrent(life)) return false;
    return isUnheard(state.pulse, state.open?.ackCount ?? 0, boundMs(), performance.now());
  }
}
