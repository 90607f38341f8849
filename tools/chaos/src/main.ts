/** `npm run chaos`: faults on real parts under load, and the history of every round checked. */
import { ensureIproute, ensureMysql, ensureZooKeeper } from '@cotton/setup';
import { buildBundles } from '@cotton/start';
import { FAULTS } from './faults/index.ts';
import { isIsolated, runIsolated, stopWithOuter, whyNotIsolated } from './lab/isolate.ts';
import { type ChaosOptions, parseOptions, USAGE } from './options.ts';
import { play, resultsFile } from './play.ts';
import { readResults } from './report/results.ts';
import { formatRemarks, formatTable } from './report/table.ts';
import { TRAPS } from './traps.ts';

const stop = new AbortController();
const say = (line: string): void => console.error(line);

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return print(USAGE);
  if (options.list) return print(FAULTS.map(({ name, about }) => `${name.padEnd(34)} ${about}`).join('\n'));
  if (options.listTraps)
    return print(TRAPS.map(({ name, breaks }) => `${name.padEnd(34)} ${breaks}`).join('\n'));
  if (options.table !== undefined) return showTable(options, options.table);
  if (isIsolated()) {
    stopWithOuter(stop);
    return play(options, { say, signal: stop.signal });
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  await prepare();
  const reason = options.processesOnly ? 'asked for' : await whyNotIsolated();
  if (reason === undefined) {
    await ensureIproute(say);
    return runIsolated([process.execPath, ...process.execArgv, ...process.argv.slice(1)], stop.signal);
  }
  say(`no network namespaces (${reason}): only faults of processes`);
  return play(options, { say, signal: stop.signal });
}

/** Everything that needs the machine's own network. */
async function prepare(): Promise<void> {
  await ensureMysql(say);
  await ensureZooKeeper(say);
  say('building the bundles');
  await buildBundles();
}

async function showTable(options: ChaosOptions, commit: string): Promise<number> {
  const all = await readResults(resultsFile(options));
  const results = all.filter((result) => result.commit.startsWith(commit));
  return print(`${formatTable(results, FAULTS)}\n\n${formatRemarks(results, FAULTS)}`);
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error((error as Error).message);
    process.exit(1);
  },
);
