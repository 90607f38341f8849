import { parseArgs } from 'node:util';
import { runStages } from './run-stages.ts';
import { stagesFor, TIERS, type Tier } from './stages.ts';
import { summary } from './summary.ts';

const INTERRUPTED = 130;

const tiers = readTiers();
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());

const results = await runStages(stagesFor(tiers), interruption.signal, (name) => console.log(`\n== ${name}`));
console.log(summary(results));
if (interruption.signal.aborted) process.exitCode = INTERRUPTED;
else if (results.some((result) => result.tally.failed.length > 0)) process.exitCode = 1;

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
