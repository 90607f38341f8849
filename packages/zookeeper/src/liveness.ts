/**
 * Is our session still ours? Judged by our own monotonic clock alone, because the library neither notices
 * a black-holed connection nor learns of an expiry before a server tells it.
 *
 * The server expires a session when it has heard nothing for the session timeout. The last moment of which we
 * know that it heard us is not before we SENT the last request that was answered: counting from there, we call
 * the session lost no later than the server can.
 */
export type Judgement = 'live' | 'suspect' | 'lost';

export class Liveness {
  readonly #now: () => number;
  #sessionTimeoutMs: number;
  #lastAnsweredSentAtMs: number | undefined;

  /** `now` is monotonic, in ms. */
  constructor(now: () => number, sessionTimeoutMs: number) {
    this.#now = now;
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  get sessionTimeoutMs(): number {
    return this.#sessionTimeoutMs;
  }

  /** The server may grant another timeout than was asked for. */
  granted(sessionTimeoutMs: number): void {
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** A request sent at this time was answered (whatever the answer). */
  answered(sentAtMs: number): void {
    this.#lastAnsweredSentAtMs = Math.max(sentAtMs, this.#lastAnsweredSentAtMs ?? sentAtMs);
  }

  /** ms since the last answered request was sent; Infinity before the first answer. */
  freshnessMs(): number {
    return this.#lastAnsweredSentAtMs === undefined ? Infinity : this.#now() - this.#lastAnsweredSentAtMs;
  }

  /** Without any answer yet there is no session that could be lost. */
  judge(): Judgement {
    if (this.#lastAnsweredSentAtMs === undefined) return 'live';
    const silenceMs = this.freshnessMs();
    if (silenceMs >= this.#sessionTimeoutMs) return 'lost';
    return silenceMs >= this.#suspectAfterMs() ? 'suspect' : 'live';
  }

  /** ms until the judgement changes if nothing more is answered; Infinity when it cannot. */
  untilNextMs(): number {
    if (this.#lastAnsweredSentAtMs === undefined) return Infinity;
    const silenceMs = this.freshnessMs();
    const next = [this.#suspectAfterMs(), this.#sessionTimeoutMs].find((limitMs) => limitMs > silenceMs);
    return next === undefined ? Infinity : next - silenceMs;
  }

  #suspectAfterMs(): number {
    return (this.#sessionTimeoutMs * 2) / 3;
  }
}
