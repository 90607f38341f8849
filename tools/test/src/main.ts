import { parseArgs } from 'node:util';
import { runStages } from './run-stages.ts';
import { stepsFor, TIERS, type Tier } from './stages.ts';
import { summary } from './summary.ts';

const INTERRUPTED = 130;

const tiers = readTiers();
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());

const results = await runStages(stepsFor(tiers), interruption.signal, (names) =>
  console.log(`\n== ${names}`),
);
console.log(summary(results));
// Not by itself: something that no test waited for may still be on its way from the network.
process.exit(exitCode());

function exitCode(): number {
  if (interruption.signal.aborted) return INTERRUPTED;
  return results.some((result) => result.tally.failed.length > 0) ? 1 : 0;
}

function readTiers(): Tier[] {
  try {
    const { values } = parseArgs({ options: { tier: { type: 'string', multiple: true } } });
    const names = (values.tier ?? []).flatMap((value) => value.split(','));
    const unknown = names.find((name) => !TIERS.includes(name as Tier));
    if (unknown !== undefined)
      throw new Error(`there is no tier "${unknown}"; the tiers are ${TIERS.join(', ')}`);
    return TIERS.filter((tier) => names.includes(tier));
  } catch (error) {
    console.error(`npm test: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}
