import { covers } from './counts.ts';
import type { Mysqld } from './mysqld.ts';
import type { World } from './world.ts';

/** Whoever was deposed and is reachable stops answering within a session timeout, D and this much. */
const STALE_SLACK_MS = 4_500;

/** Writers that follow discovery, late at times, and sometimes ask whoever still takes writes. */
export class Clients {
  readonly #world: World;
  #everyMs: number;
  #known = '';

  constructor(world: World) {
    this.#world = world;
    this.#everyMs = world.shape.writeEveryMs;
    this.#write();
    this.#look();
  }

  slowDown(everyMs: number): void {
    this.#everyMs = everyMs;
  }

  #write(): void {
    const { loop, random } = this.#world;
    if (this.#everyMs !== Infinity) this.#target()?.do(() => this.#commit());
    loop.after(this.#everyMs === Infinity ? 1_000 : random.between(0, 2 * this.#everyMs), () =>
      this.#write(),
    );
  }

  #commit(): void {
    const target = this.#target();
    if (target?.alive && !target.frozen) target.commit('client', () => undefined);
  }

  #target(): Mysqld | undefined {
    const { random, executors } = this.#world;
    if (random.chance(0.7)) return this.#world.mysqldOf(this.#known);
    const open = [...executors.values()].flatMap(({ mysqld }) =>
      mysqld?.alive && !mysqld.isReadOnly ? [mysqld] : [],
    );
    return open[random.below(Math.max(1, open.length))];
  }

  /** Discovery, and what a reader finds at the primary. */
  #look(): void {
    const { zookeeper, loop, random } = this.#world;
    this.#known = zookeeper.discovery.primary?.instance ?? this.#known;
    this.#checkReads();
    loop.after(random.between(100, 1_000), () => this.#look());
  }

  #checkReads(): void {
    const { oracle, shape, loop } = this.#world;
    for (const executor of this.#world.executors.values()) {
      const { mysqld } = executor;
      if (!mysqld?.alive || mysqld.frozen || mysqld.isReadOnly || executor.frozen) continue;
      const sinceMs = oracle.deposedSinceMs(mysqld.openedIn);
      if (sinceMs === undefined) continue;
      const bound = shape.sessionTimeoutMs + shape.durability.heartbeatBoundMs + STALE_SLACK_MS;
      const awakeMs = loop.nowMs - Math.max(sinceMs, executor.awakeSinceMs, mysqld.awakeSinceMs);
      if (awakeMs > bound)
        this.#world.fail('stale reads end', `${mysqld.instance} of epoch ${mysqld.openedIn} still answers`);
    }
  }
}

/** A replica may have written something by itself (a tenant's FLUSH) that nobody follows. */
export function isEqual(primary: Mysqld, replica: Mysqld): boolean {
  const [one, other] = [primary.data.applied(), replica.data.applied()];
  const { source } = replica.data;
  if (primary !== replica) other[source] = Math.min(other[source] ?? 0, one[source] ?? 0);
  if (!covers(one, other) || !covers(other, one)) return false;
  return primary.data.holds.every((ids, of) => ids.every((id, at) => replica.data.holds[of]?.[at] === id));
}
