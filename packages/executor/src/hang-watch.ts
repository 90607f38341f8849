import type { Log } from '@cotton/log';
import { probe, probeDisk } from '@cotton/mysql-ops';
import type { InstanceState } from './instance-state.ts';
import { type Progress, progressOf } from './mysqld-progress.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';
import { silentForMs } from './pulse.ts';

/** For how long mysqld has been silent in each way, in ms. */
export interface Silence {
  /** A primary: no marker was acknowledged. */
  acknowledgement: number;
  /** A read that needs no lock is unanswered. */
  read: number;
  /** A small write to the volume is unanswered. */
  disk: number;
  /** Small writes to the volume are refused: it is full, or broken. */
  refusal: number;
  /** It used no CPU and moved no bytes. */
  work: number;
  /** It moved no bytes. */
  transfer: number;
}

/** A machine that is merely busy gets this much longer, in bounds. */
const BUSY_BOUNDS = 5;
/** What of the bound the looks themselves take. */
const LOOKS_MS = 1_000;
const REPLICA_MS = 15_000;
const REPLICA_BUSY_MS = 60_000;

/**
 * A primary hangs when nothing it writes is acknowledged and it also leaves a read, or its disk a write, unanswered,
 * with no sign of work. A wait for acknowledgements or for a global read lock leaves neither unanswered.
 */
export function isHungPrimary(silence: Silence, boundMs: number): boolean {
  const { acknowledgement, read, disk, refusal, work, transfer } = silence;
  const idleMs = Math.max(LOOKS_MS, boundMs - LOOKS_MS);
  if (acknowledgement < boundMs) return false;
  // mysqld waits for room by looking every minute, and answers reads meanwhile.
  if (refusal >= boundMs) return true;
  if (read >= boundMs && work >= idleMs) return true;
  if (disk >= boundMs && transfer >= idleMs) return true;
  return Math.max(read, disk) >= BUSY_BOUNDS * boundMs;
}

/** Nobody waits for one that is not the primary, and a kill costs it its caches: there is time. */
export function isHungOther({ read, work }: Silence): boolean {
  return (read >= REPLICA_MS && work >= REPLICA_MS - LOOKS_MS) || read >= REPLICA_BUSY_MS;
}

export interface HangWatchParts {
  state: InstanceState;
  keeper: Pick<MysqldKeeper, 'admin' | 'pid' | 'killWithoutWaiting'>;
  volume: string;
  boundMs: () => number;
  log: Log;
}

const TICK_MS = 250;
const ASK_EVERY_MS = 500;
const SYNC_EVERY_MS = 1_000;
/** A tick so late means that this process itself was stopped, or starved: nobody was silent meanwhile. */
const LATE_MS = 1_000;
const PROBE_MS = 120_000;

/** One question that is asked again and again, and since when it is unanswered, or answered with a refusal. */
interface Question {
  askedAtMs: number;
  unansweredSinceMs: number | null;
  refusedSinceMs: number | null;
}

const unasked = (): Question => ({ askedAtMs: 0, unansweredSinceMs: null, refusedSinceMs: null });

/**
 * Kills a mysqld that has stopped answering, so that it starts again closed and the cluster can go on without it. One
 * that is starting or recovering has no administrator's sessions yet and is not asked; one that is being rebuilt
 * answers.
 */
export class HangWatch {
  readonly #parts: HangWatchParts;
  readonly #timer: NodeJS.Timeout;
  #admin: MysqldKeeper['admin'];
  readonly #read = unasked();
  readonly #disk = unasked();
  #progress: Progress | undefined;
  #workedAtMs = 0;
  #transferredAtMs = 0;
  #tickedAtMs = performance.now();

  constructor(parts: HangWatchParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    const { state, keeper, volume } = this.#parts;
    const { admin } = keeper;
    const nowMs = performance.now();
    if (admin !== this.#admin || nowMs - this.#tickedAtMs > LATE_MS) this.#startAnew(admin, nowMs);
    this.#tickedAtMs = nowMs;
    if (!admin) return;
    ask(this.#read, ASK_EVERY_MS, nowMs, async () =>
      (await probe(admin, { deadlineMs: PROBE_MS })).alive ? 'answered' : 'silent',
    );
    if (state.open)
      ask(this.#disk, SYNC_EVERY_MS, nowMs, async () =>
        (await probeDisk(volume, { deadlineMs: PROBE_MS })).alive ? 'answered' : 'refused',
      );
    if (this.#isAllWell(nowMs)) return;
    await this.#lookForProgress(keeper.pid, nowMs);
    if (keeper.admin === admin) this.#judge(performance.now());
  }

  #isAllWell(nowMs: number): boolean {
    const silentMs = Math.max(
      since(this.#read.unansweredSinceMs, nowMs),
      since(this.#disk.unansweredSinceMs, nowMs),
    );
    return silentMs < ASK_EVERY_MS && this.#disk.refusedSinceMs === null;
  }

  #startAnew(admin: MysqldKeeper['admin'], nowMs: number): void {
    this.#admin = admin;
    this.#workedAtMs = nowMs;
    this.#transferredAtMs = nowMs;
    // A new life gets new questions; of those to the old one the answers no longer count.
    for (const question of [this.#read, this.#disk]) {
      if (question.unansweredSinceMs !== null) question.unansweredSinceMs = nowMs;
      question.refusedSinceMs = null;
    }
  }

  async #lookForProgress(pid: number | undefined, nowMs: number): Promise<void> {
    const progress = pid === undefined ? undefined : await progressOf(pid);
    if (progress?.bytes !== this.#progress?.bytes) this.#transferredAtMs = nowMs;
    if (progress?.bytes !== this.#progress?.bytes || progress?.cpuTicks !== this.#progress?.cpuTicks)
      this.#workedAtMs = nowMs;
    this.#progress = progress;
  }

  #judge(nowMs: number): void {
    const { state, keeper, boundMs, log } = this.#parts;
    const silence: Silence = {
      acknowledgement: silentForMs(state.pulse, nowMs),
      read: since(this.#read.unansweredSinceMs, nowMs),
      disk: since(this.#disk.unansweredSinceMs, nowMs),
      // Alone nobody could take over; there it waits for room as it is.
      refusal: state.open?.ackCount ? since(this.#disk.refusedSinceMs, nowMs) : 0,
      work: nowMs - this.#workedAtMs,
      transfer: nowMs - this.#transferredAtMs,
    };
    if (!(state.open ? isHungPrimary(silence, boundMs()) : isHungOther(silence))) return;
    state.notice = 'mysqld was killed: it did not answer';
    log.error({ silence, epoch: state.open?.epoch }, 'mysqld hangs: kills it');
    keeper.killWithoutWaiting();
  }
}

function since(startMs: number | null, nowMs: number): number {
  return startMs === null ? 0 : nowMs - startMs;
}

type Answer = 'answered' | 'refused' | 'silent';

/** Asks, unless an answer is still due. */
function ask(question: Question, everyMs: number, nowMs: number, query: () => Promise<Answer>): void {
  if (nowMs - question.askedAtMs < everyMs) return;
  question.askedAtMs = Infinity;
  question.unansweredSinceMs ??= nowMs;
  void query()
    .catch((): Answer => 'silent')
    .then((answer) => {
      question.askedAtMs = nowMs;
      if (answer !== 'silent') question.unansweredSinceMs = null;
      question.refusedSinceMs = answer === 'refused' ? (question.refusedSinceMs ?? nowMs) : null;
    });
}
