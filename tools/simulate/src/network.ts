import type { Loop } from './loop.ts';
import type { Random } from './random.ts';

/** Who talks over the network; hosts are 0, 1, … */
export const ZOOKEEPER = 10;
export const MASTER = 11;
export const SCHEDULERS = [12, 13] as const;
const NODES = 16;

/** Messages in order between any two, late at times; a black hole keeps them until it is healed (TCP tries again). */
export class Network {
  readonly #loop: Loop;
  readonly #random: Random;
  readonly #cuts = new Uint8Array(NODES * NODES);
  readonly #held = new Map<number, (() => void)[]>();
  readonly #onChange: () => void;

  constructor(loop: Loop, random: Random, onChange: () => void) {
    this.#loop = loop;
    this.#random = random;
    this.#onChange = onChange;
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts[from * NODES + to] !== 0;
  }

  /** Both ways. */
  reaches(a: number, b: number): boolean {
    return !this.isCut(a, b) && !this.isCut(b, a);
  }

  cut(from: number, to: number): void {
    this.#change(from, to, 1);
  }

  heal(from: number, to: number): void {
    this.#change(from, to, -1);
    if (this.isCut(from, to)) return;
    const held = this.#held.get(from * NODES + to) ?? [];
    this.#held.delete(from * NODES + to);
    for (const arrive of held) this.#loop.after(this.delayMs(), arrive);
  }

  #change(from: number, to: number, by: number): void {
    const key = from * NODES + to;
    this.#cuts[key] = Math.max(0, (this.#cuts[key] ?? 0) + by);
    this.#onChange();
  }

  send(from: number, to: number, arrive: () => void): void {
    this.#loop.after(this.delayMs(), () => {
      if (!this.isCut(from, to)) return arrive();
      const key = from * NODES + to;
      const held = this.#held.get(key);
      if (held) held.push(arrive);
      else this.#held.set(key, [arrive]);
    });
  }

  delayMs(): number {
    const kind = this.#random.next();
    if (kind < 0.96) return 0.2 + this.#random.next();
    return kind < 0.996 ? this.#random.between(2, 40) : this.#random.between(50, 400);
  }
}
