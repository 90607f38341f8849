/** Runs the range of histories in its argument and sends the tally to its parent. */
import { simulationWith } from './load.ts';
import type { Range, Tally } from './run-many.ts';
import { trapNamed } from './traps.ts';

const { seed, histories, scope, trap } = JSON.parse(process.argv[2] ?? '{}') as Range;
const simulation = await simulationWith(trap === undefined ? undefined : trapNamed(trap));
const tally: Tally = { histories: 0, acknowledged: 0, simulatedMs: 0, failures: [] };
for (let at = seed; at < seed + histories; at++) {
  const { violation, acknowledged, simulatedMs } = simulation.runHistory(at, { scope, trap });
  tally.histories++;
  tally.acknowledged += acknowledged;
  tally.simulatedMs += simulatedMs;
  if (violation) tally.failures.push({ seed: at, ...violation });
}
process.send?.(tally, () => process.disconnect());
