import { type Admin, hasCode, marker, primaryState } from '@cotton/mysql-ops';
import { describeError } from './error.ts';
import type { InstanceState } from './instance-state.ts';
import type { Log } from './log.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';
import type { Enforced } from './next-step.ts';
import { acknowledged, isUnheard, settled } from './pulse.ts';

export interface HeartbeatParts {
  state: InstanceState;
  keeper: Pick<MysqldKeeper, 'admin'>;
  /** Bound of `Control.heartbeatBoundMs`. */
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
/** As many as there are sessions for markers; one that waits for a lost acknowledgement must not hold up the next. */
const IN_FLIGHT_MAX = 3;
const LOOK_MS = 1_000;

/**
 * While this is the primary: a marker every second, and one at once when a generation comes into force. Whether they
 * are acknowledged is the only proof that this primary is one. On sessions of their own, beside the conductor's steps.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #timer: NodeJS.Timeout;
  #dueAtMs = 0;
  #inFlight = 0;
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
    const { state, keeper } = this.#parts;
    const { admin } = keeper;
    if (!admin || !state.open?.confirmed) return;
    const nowMs = performance.now();
    if (nowMs >= this.#dueAtMs && this.#inFlight < IN_FLIGHT_MAX) {
      this.#dueAtMs = nowMs + PERIOD_MS;
      void this.#write(admin, nowMs);
    }
    if (isUnheard(state.pulse, state.open.ackCount, this.#parts.boundMs(), nowMs)) void this.#look(admin);
  }

  async #write(admin: Admin, writtenAtMs: number): Promise<void> {
    const { state, boundMs, publish, log } = this.#parts;
    const rules = state.enforced;
    this.#inFlight++;
    try {
      await marker(admin, { deadlineMs: Math.max(PERIOD_MS, boundMs()) });
      if (!this.#isStill(admin)) return;
      state.pulse = acknowledged(state.pulse, writtenAtMs);
      if (rules && state.pulse.settled < rules.generation) await this.#settle(admin, rules);
      publish();
    } catch (error) {
      if (!hasCode(error, 'deadline')) log.warn({ error: describeError(error) }, 'no heartbeat');
    } finally {
      this.#inFlight--;
    }
  }

  /**
   * The marker came back, but not for certain because so many replicas have it: switching semi-sync off lets waiting
   * markers go, too. So the rules it was written under must be in force still, in mysqld as well as here.
   */
  async #settle(admin: Admin, rules: Enforced): Promise<void> {
    const { state } = this.#parts;
    const { ackCount, semiSyncActive } = await primaryState(admin, { deadlineMs: LOOK_MS });
    const isInForce = this.#isStill(admin) && state.enforced === rules;
    if (isInForce && semiSyncActive && ackCount > 0 && ackCount === state.open?.ackCount)
      state.pulse = settled(state.pulse, rules.generation);
  }

  /**
   * Asks to go on alone when commits wait for acknowledgements that do not come; a global read lock is no such wait. Asks
   * for the generation that control names, even if it could not be brought into force: locking a leaver out may have to
   * wait for the very commit that nobody acknowledges any more.
   */
  async #look(admin: Admin): Promise<void> {
    const { state, generation, isConnected, publish, log } = this.#parts;
    const asked = generation();
    if (this.#isLooking || asked === undefined || state.pulse.degrade === asked || !isConnected()) return;
    this.#isLooking = true;
    try {
      const { waitingSessions } = await primaryState(admin, { deadlineMs: LOOK_MS });
      if (waitingSessions === 0 || generation() !== asked || !this.#isUnheardStill(admin)) return;
      state.pulse = { ...state.pulse, degrade: asked };
      log.warn({ generation: asked, waitingSessions }, 'nobody acknowledges: asks to go on alone');
      publish();
    } catch (error) {
      log.warn({ error: describeError(error) }, 'cannot tell who waits for acknowledgements');
    } finally {
      this.#isLooking = false;
    }
  }

  /** This life of mysqld is the one that was asked, and it is still open. */
  #isStill(admin: Admin): boolean {
    return this.#parts.keeper.admin === admin && this.#parts.state.open?.confirmed === true;
  }

  #isUnheardStill(admin: Admin): boolean {
    const { state, boundMs } = this.#parts;
    if (!this.#isStill(admin)) return false;
    return isUnheard(state.pulse, state.open?.ackCount ?? 0, boundMs(), performance.now());
  }
}
