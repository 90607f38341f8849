/** `npm run bench`: measures and prints; asserts nothing. */
import { isIsolated, stopWithOuter } from '@cotton/chaos';
import { ensureAll } from '@cotton/setup';
import { buildBundles, localDir } from '@cotton/start';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { benchCreate } from './benches/create.ts';
import { benchFailover } from './benches/failover.ts';
import { benchFetch } from './benches/fetch.ts';
import { benchMemory } from './benches/memory.ts';
import { benchSizes } from './benches/sizes.ts';
import { benchStart } from './benches/start.ts';
import { benchThroughput } from './benches/throughput.ts';
import { RESULT_FILE } from './isolated.ts';
import { Lab } from './lab.ts';
import { type BenchResult, formatResults, type Measurements } from './measurement.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';

type Bench = (lab: Lab, options: BenchOptions) => Measurements;

const BENCHES: Record<BenchOptions['names'][number], Bench> = {
  sizes: benchSizes,
  start: benchStart,
  create: (lab, { count }) => benchCreate(lab, count),
  memory: benchMemory,
  failover: benchFailover,
  throughput: (lab, { count }) => benchThroughput(lab, count),
  fetch: benchFetch,
};

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const say = (line: string): void => console.error(`  ${line}`);
  const lab = new Lab(say);
  const stop = new AbortController();
  stop.signal.addEventListener('abort', () => void lab.close().finally(() => process.exit(130)));
  const resultFile = process.env[RESULT_FILE];
  if (isIsolated() && resultFile !== undefined) {
    stopWithOuter(stop);
    return answerOuter(lab, options, resultFile);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await ensureAll(say);
  await buildBundles();
  const load = loadavg()[0];
  const results = await runAll(lab, options);
  const file = await save({ at: new Date().toISOString(), machine: { ...machine(), load }, results });
  console.log(`${formatResults(results)}\n\n${file}`);
  return results.some((r) => r.failure !== undefined) ? 1 : 0;
}

/** In a process of its own inside namespaces: whoever started it prints. */
async function answerOuter(lab: Lab, options: BenchOptions, file: string): Promise<number> {
  const [result] = await runAll(lab, options);
  await writeFile(file, JSON.stringify(result));
  return 0;
}

async function runAll(lab: Lab, options: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  try {
    for (const bench of options.names) results.push(await run(bench, lab, options));
    return results;
  } finally {
    await lab.close();
  }
}

/** One that cannot measure must not take the others' numbers with it. */
async function run(bench: keyof typeof BENCHES, lab: Lab, options: BenchOptions): Promise<BenchResult> {
  console.error(bench);
  const result: BenchResult = { bench, measurements: [], tables: [] };
  try {
    for await (const found of BENCHES[bench](lab, options)) {
      if ('rows' in found) result.tables.push(found);
      else result.measurements.push(found);
    }
  } catch (error) {
    result.failure = error instanceof Error ? error.message : String(error);
  }
  return result;
}

function machine(): Record<string, unknown> {
  return { cpu: cpus()[0]?.model, cpus: cpus().length, memoryMb: Math.round(totalmem() / 2 ** 20) };
}

async function save(document: object): Promise<string> {
  const file = join(localDir, 'bench.json');
  await mkdir(localDir, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(document, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return file;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error((error as Error).message);
    process.exit(1);
  },
);
