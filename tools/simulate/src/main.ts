/** npm run simulate: histories of modelled clusters under faults, driven by the real decisions. */
import { parseArgs } from 'node:util';
import { simulationWith } from './load.ts';
import { type Failure, runMany, type Tally } from './run-many.ts';
import { isScopeName, SCOPES } from './scope.ts';
import { shrink } from './shrink.ts';
import { TRAPS, trapNamed } from './traps.ts';

const HELP = `npm run simulate -- [options]

  --seed N         the first history (default 1); the same seed is the same history
  --histories N    how many (default 1000)
  --scope NAME     a narrower world, or a story told again and again:
                   ${Object.keys(SCOPES).join(', ')}
  --trap NAME      with a deliberate bug, in its own scope unless --scope names one; --traps lists them
  --trace          of one history: everything that happens in it

A violated invariant is printed with its seed, with the fewest faults that still show it, and the end of its trace;
the exit code is then 1.
`;
const SHOWN_MAX = 3;
const TRACE_LINES = 60;
const BATCH = 2_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    histories: { type: 'string', default: '1000' },
    scope: { type: 'string' },
    trap: { type: 'string' },
    traps: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const seed = count('seed', values.seed);
const histories = count('histories', values.histories);
const trap = values.trap === undefined ? undefined : trapNamed(values.trap);
if (values.trap !== undefined && !trap) refuse(`there is no trap "${values.trap}"; see --traps`);
const options = { scope: scopeOf(values.scope ?? trap?.scope ?? 'all'), trap: trap?.name };

if (values.help) process.stdout.write(HELP);
else if (values.traps) for (const { name, breaks } of TRAPS) console.log(`${name.padEnd(42)} ${breaks}`);
else if (values.trace) await trace();
else process.exitCode = await simulate();

async function trace(): Promise<void> {
  const { runHistory } = await simulationWith(trap);
  const outcome = runHistory(seed, { ...options, isTraced: true });
  console.log(outcome.trace.join('\n'));
  console.log(outcome.violation ?? 'nothing was violated');
}

async function simulate(): Promise<number> {
  const startedAt = performance.now();
  const all: Tally = { histories: 0, acknowledged: 0, simulatedMs: 0, failures: [] };
  while (all.histories < histories) {
    const left = Math.min(BATCH, histories - all.histories);
    const tally = await runMany({ seed: seed + all.histories, histories: left, ...options });
    all.histories += tally.histories;
    all.acknowledged += tally.acknowledged;
    all.simulatedMs += tally.simulatedMs;
    all.failures.push(...tally.failures);
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`${all.histories} histories, ${all.failures.length} violations, ${seconds.toFixed(1)} s`);
  }
  const hours = all.simulatedMs / 3_600_000;
  console.log(`${all.acknowledged} acknowledged writes in ${hours.toFixed(1)} simulated hours`);
  for (const failure of all.failures.slice(0, SHOWN_MAX)) await show(failure);
  return all.failures.length > 0 ? 1 : 0;
}

async function show(failure: Failure): Promise<void> {
  const { faults, outcome } = shrink(await simulationWith(trap), failure.seed, options);
  console.log(`\nseed ${failure.seed} violates ${failure.invariant}: ${failure.detail}`);
  console.log(`still with these ${faults.length} faults: ${JSON.stringify(faults)}`);
  console.log(outcome.trace.slice(-TRACE_LINES).join('\n'));
}

function scopeOf(name: string): keyof typeof SCOPES {
  return isScopeName(name) ? name : refuse(`there is no scope "${name}"; see --help`);
}

function count(name: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0
    ? number
    : refuse(`--${name} is a whole number from 1 up, not "${text}"`);
}

function refuse(problem: string): never {
  console.error(`simulate: ${problem}`);
  process.exit(2);
}
