import type { Incarnation } from '../history.ts';

/** mysqld tells its uptime in whole seconds: what lies closer together than this is taken for one life. */
const SAME_LIFE_MS = 1_300;

/** Names the lives of mysqlds. Two lives within a second would pass for one, which only makes the checks weaker. */
export class Incarnations {
  readonly #starts = new Map<string, number[]>();

  nameOf(serverUuid: string, uptimeSeconds: number, nowMs: number): Incarnation {
    const startedMs = nowMs - uptimeSeconds * 1000;
    const starts = this.#starts.get(serverUuid) ?? [];
    this.#starts.set(serverUuid, starts);
    const known = starts.findIndex((start) => Math.abs(start - startedMs) < SAME_LIFE_MS);
    const index = known >= 0 ? known : starts.push(startedMs) - 1;
    return `${serverUuid.slice(0, 8)}#${index + 1}`;
  }
}
