/** Runs the range of histories in its argument and sends the tally to its parent. */
import { runHistory } from './history.ts';
import type { Range, Tally } from './run-many.ts';

const { seed, histories, trap } = JSON.parse(process.argv[2] ?? '{}') as Range;
const tally: Tally = { histories: 0, acknowledged: 0, simulatedMs: 0, failures: [] };
for (let at = seed; at < seed + histories; at++) {
  const { violation, acknowledged, simulatedMs } = runHistory(at, trap === undefined ? {} : { trap });
  tally.histories++;
  tally.acknowledged += acknowledged;
  tally.simulatedMs += simulatedMs;
  if (violation) tally.failures.push({ seed: at, ...violation });
}
process.send?.(tally, () => process.disconnect());
