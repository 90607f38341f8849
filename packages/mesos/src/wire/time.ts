import type { DurationInfo, TimeInfo } from './generated/types.ts';

const NANOSECONDS_PER_MS = 1_000_000n;

/** Milliseconds → DurationInfo (kill_policy, shutdown_grace_period …) or TimeInfo. */
export function durationInfo(ms: number): DurationInfo {
  return { nanoseconds: BigInt(Math.round(ms)) * NANOSECONDS_PER_MS };
}

/** DurationInfo or TimeInfo → milliseconds. */
export function milliseconds({ nanoseconds }: DurationInfo | TimeInfo): number {
  return Number(nanoseconds / NANOSECONDS_PER_MS);
}
