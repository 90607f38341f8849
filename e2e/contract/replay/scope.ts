import type { TraceLine } from '../trace/trace.ts';
import type { Replay } from './context.ts';

/**
 * Lines of a recording that the local stand-in is not asked to follow: of scenario 18 it has the listings of agents,
 * frameworks, executors and tasks; quota, maintenance, draining and the other listings are for a real Mesos.
 */
const NOT_LOCAL: Record<string, [from: number, to: number][]> = {
  '18': [
    [45, 46],
    [49, 50],
    [53, 61],
    [68, 77],
    [93, 104],
    [107, 227],
  ],
};

export const OUT_OF_SCOPE = 'quota, maintenance, draining and further listings are for a real Mesos';

export function outOfScope(replay: Replay, { line }: TraceLine): boolean {
  if (replay.target.master) return false;
  const ranges = NOT_LOCAL[replay.scenario.number] ?? [];
  const out = ranges.some(([from, to]) => line >= from && line <= to);
  if (out) replay.outcome.notRunWhy ??= OUT_OF_SCOPE;
  return out;
}
