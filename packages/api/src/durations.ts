/** Durations as the original wrote them (`14d`, `1h30m`) and as Mesos writes them (`6secs`, `10mins`, `2weeks`). */

const UNITS_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hrs: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  week: 604_800_000,
  weeks: 604_800_000,
};
const PART = '(\\d{1,9}(?:\\.\\d{1,6})?)([a-z]{1,5})';
const DURATION = new RegExp(`^(?:${PART}){1,8}$`);

/** Milliseconds, rounded; undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().replaceAll(' ', '').toLowerCase();
  if (!DURATION.test(compact)) return undefined;
  let total = 0;
  for (const [, count, unit] of compact.matchAll(new RegExp(PART, 'g'))) {
    const factor = UNITS_MS[unit as string];
    if (factor === undefined) return undefined;
    total += Number(count) * factor;
  }
  return Math.round(total);
}

/** The same in the largest unit that needs no fraction: 90000 → `90s`. */
export function formatDuration(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}min${ms === 60_000 ? '' : 's'}`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** A duration of a request within bounds: a text with a unit, or a number of seconds. */
export function readDuration(
  input: unknown,
  { minMs, maxMs }: { minMs: number; maxMs: number },
): { ms: number } | { wrong: string } {
  const isSeconds = typeof input === 'number' || (typeof input === 'string' && /^\d+(\.\d+)?$/.test(input));
  const ms = isSeconds ? Math.round(Number(input) * 1000) : parseDuration(String(input));
  if (ms === undefined || !Number.isFinite(ms))
    return { wrong: 'is not a duration; write 500ms, 10s or 2mins' };
  return ms >= minMs && ms <= maxMs
    ? { ms }
    : { wrong: `must be from ${formatDuration(minMs)} to ${formatDuration(maxMs)}` };
}
