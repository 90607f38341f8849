/** What goes by the clock beside a primary's steps: heartbeat, fence, hang watch. */
import type { Enforced } from '@cotton/executor/brain';
import { acknowledged, isUnheard, mustFence, settled, silentForMs } from '@cotton/executor/brain';
import type { Executor } from './executor.ts';
import type { Mysqld } from './mysqld.ts';

const PERIOD_MS = 1_000;
const TICK_MS = 250;
const WAITING_MAX = 3;
const OTHER_HANGS_MS = 15_000;

export class Heart {
  readonly #executor: Executor;
  #dueAtMs = 0;
  #marked: Mysqld | null = null;
  waiting = 0;
  receivers = '';
  /** Since when mysqld answers nothing. */
  #silentSinceMs: number | null = null;
  #tickedAtMs = 0;

  constructor(executor: Executor) {
    this.#executor = executor;
    executor.after(TICK_MS, () => this.#tick());
  }

  /** Does not wait for the next second. */
  beat(): void {
    this.#dueAtMs = 0;
    this.#markIfDue();
  }

  #tick(): void {
    const executor = this.#executor;
    executor.after(TICK_MS, () => this.#tick());
    const { mysqld, state, world } = executor;
    const nowMs = world.loop.nowMs;
    // This process stood still itself: nobody was silent meanwhile.
    if (nowMs - this.#tickedAtMs > 1_000) this.#silentSinceMs = null;
    this.#tickedAtMs = nowMs;
    if (!mysqld?.alive || state.mysqld !== 'serving') return;
    this.#watchForHang(mysqld, nowMs);
    if (!mysqld.alive) return;
    if (!world.has('no-fence') && mustFence(state, executor.client.state, this.#boundMs, nowMs)) {
      world.note(() => `${executor.instance} is cut off: fenced`);
      return executor.killMysqld();
    }
    this.#markIfDue();
    if (state.open?.confirmed && isUnheard(state.pulse, state.open.ackCount, this.#boundMs, nowMs))
      this.#askToGoAlone(mysqld);
  }

  get #boundMs(): number {
    return this.#executor.control?.heartbeatBoundMs ?? 3_000;
  }

  #watchForHang(mysqld: Mysqld, nowMs: number): void {
    const { state } = this.#executor;
    if (!mysqld.frozen && !mysqld.disk.isDead) {
      this.#silentSinceMs = null;
      return;
    }
    this.#silentSinceMs ??= nowMs;
    const silentMs = nowMs - this.#silentSinceMs;
    const isHung = state.open
      ? silentForMs(state.pulse, nowMs) >= this.#boundMs && silentMs >= this.#boundMs
      : silentMs >= OTHER_HANGS_MS;
    if (isHung) this.#executor.killMysqld();
  }

  #markIfDue(): void {
    const { mysqld, state, world } = this.#executor;
    if (!mysqld?.alive || !state.open?.confirmed) return;
    if (this.#marked !== mysqld) Object.assign(this, { waiting: 0, receivers: '' });
    this.#marked = mysqld;
    if (world.loop.nowMs < this.#dueAtMs || this.waiting >= WAITING_MAX) return;
    this.#dueAtMs = world.loop.nowMs + PERIOD_MS;
    this.#mark(mysqld);
  }

  /** Markers that wait are left waiting. */
  #mark(mysqld: Mysqld): void {
    const executor = this.#executor;
    const { state, world } = executor;
    const writtenAtMs = world.loop.nowMs;
    const rules = state.enforced;
    this.waiting++;
    const answered = (): void => {
      if (this.#marked === mysqld) this.waiting--;
      this.#acknowledged(
        mysqld,
        writtenAtMs,
        world.has('settled-by-an-older-marker') ? state.enforced : rules,
      );
    };
    mysqld.do(() => mysqld.commit('marker', () => executor.after(0.3, answered)));
  }

  #acknowledged(mysqld: Mysqld, writtenAtMs: number, rules: Enforced | null): void {
    const executor = this.#executor;
    const { state, world } = executor;
    if (executor.mysqld !== mysqld || !state.open?.confirmed) return;
    state.pulse = acknowledged(state.pulse, writtenAtMs);
    if (rules && state.pulse.settled < rules.generation)
      executor.after(world.takes(0.5, 3), () => {
        const { enabled, count } = mysqld.semiSync;
        const isInForce =
          executor.mysqld === mysqld && state.open?.confirmed === true && state.enforced === rules;
        const isWaiting = enabled && count > 0 && count === state.open?.ackCount;
        if (isInForce && isWaiting) state.pulse = settled(state.pulse, rules.generation);
        executor.publish();
      });
    executor.publish();
  }

  #askToGoAlone(mysqld: Mysqld): void {
    const executor = this.#executor;
    const { state, world, duty } = executor;
    if (mysqld.frozen || mysqld.waiting === 0) return;
    // An acknowledgement that got lost comes with the next write, and all writers may be waiting.
    const receivers = [...mysqld.dumps].map((dump) => dump.id).join();
    if (receivers !== this.receivers) this.#mark(mysqld);
    this.receivers = receivers;
    const asked = duty.kind === 'lead' ? duty.generation : undefined;
    if (asked === undefined || state.pulse.degrade === asked || executor.client.state !== 'connected') return;
    state.pulse = { ...state.pulse, degrade: asked };
    world.note(() => `${executor.instance} asks to go on alone (generation ${asked})`);
    executor.publish();
  }
}
