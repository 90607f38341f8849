/** `npm run chaos`: faults on real parts under load, and the history of every round checked. */
import { ensureIproute, ensureMysql, ensureZooKeeper } from '@cotton/setup';
import { buildBundles, localDir, root } from '@cotton/start';
import { execa } from 'execa';
import { join } from 'node:path';
import { Campaign } from './campaign.ts';
import { FAULTS } from './faults/index.ts';
import { isIsolated, runIsolated, stopWithOuter, whyNotIsolated } from './lab/isolate.ts';
import { type ChaosOptions, parseOptions, USAGE } from './options.ts';
import { planRounds, splitByNeeds } from './plan.ts';
import { appendResult, readResults, type Result } from './report/results.ts';
import { formatTable } from './report/table.ts';

const stop = new AbortController();
const say = (line: string): void => console.error(line);

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return print(USAGE);
  if (options.list) return print(FAULTS.map(({ name, about }) => `${name.padEnd(34)} ${about}`).join('\n'));
  if (options.table !== undefined) return showTable(options, options.table);
  if (isIsolated()) {
    stopWithOuter(stop);
    return play(options);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  await prepare();
  const reason = options.processesOnly ? 'asked for' : await whyNotIsolated();
  if (reason === undefined) {
    await ensureIproute(say);
    return runIsolated([process.execPath, ...process.execArgv, ...process.argv.slice(1)], stop.signal);
  }
  say(`no network namespaces (${reason}): only faults of processes`);
  return play(options);
}

/** Everything that needs the machine's own network. */
async function prepare(): Promise<void> {
  await ensureMysql(say);
  await ensureZooKeeper(say);
  say('building the bundles');
  await buildBundles();
}

async function play(options: ChaosOptions): Promise<number> {
  const commit = await describeCommit();
  const file = resultsFile(options);
  const { seed, nodes, sessionTimeoutMs } = options;
  const isOurs = (result: Result): boolean =>
    result.commit === commit && result.seed === seed && result.nodes === nodes;
  const done = options.resume ? (await readResults(file)).filter(isOurs) : [];
  const campaign = new Campaign({
    ...{ commit, seed, nodes, sessionTimeoutMs, say, isIsolated: isIsolated(), signal: stop.signal },
    evidenceDir: join(localDir, 'chaos', commit),
  });
  const played: Result[] = [...done];
  try {
    const { playable, missing } = splitByNeeds(options.faults, await campaign.offers());
    for (const { fault, need } of missing) say(`not played: ${fault.name}, needs ${need}`);
    if (playable.length === 0) throw new Error('none of these faults can be played here');
    const deadline = performance.now() + options.minutes * 60_000;
    for (const round of planRounds(playable, options.each, seed, done)) {
      if (stop.signal.aborted || performance.now() > deadline) break;
      say(`\n${round.fault.name} #${round.index}`);
      const result = await campaign.play(round);
      played.push(result);
      await appendResult(file, result);
      say(describe(result));
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await campaign.close();
  }
  print(`${formatTable(played, FAULTS)}\n\ncommit ${commit}, seed ${seed}; rounds in ${file}`);
  const failed = played.filter(({ violations }) => violations.length > 0);
  for (const { fault, index, violations, kept } of failed)
    print(`\n${fault} #${index}\n  ${violations.join('\n  ')}\n  ${kept ?? ''}`);
  if (stop.signal.aborted) return 130;
  return failed.length > 0 ? 1 : 0;
}

function resultsFile({ results }: ChaosOptions): string {
  return results ?? join(localDir, 'chaos.jsonl');
}

async function showTable(options: ChaosOptions, commit: string): Promise<number> {
  const results = await readResults(resultsFile(options));
  return print(
    formatTable(
      results.filter((result) => result.commit.startsWith(commit)),
      FAULTS,
    ),
  );
}

function describe({ acknowledged, unknown, gapMs, elections, violations, kept, roundMs }: Result): string {
  const facts = `${acknowledged} acknowledged, ${unknown} unknown, gap ${gapMs} ms, ${elections} elections, ${Math.round(roundMs / 1000)} s`;
  return violations.length === 0 ? facts : `${facts}\nVIOLATED\n  ${violations.join('\n  ')}\n  ${kept}`;
}

/** Results of a changed tree must not pass for the commit's. */
async function describeCommit(): Promise<string> {
  const run = (...args: string[]) => execa('git', ['-C', root, ...args], { reject: false });
  const { stdout: commit } = await run('rev-parse', '--short=12', 'HEAD');
  const { stdout: changes } = await run('status', '--porcelain', '--untracked-files=no');
  return `${commit || 'unknown'}${changes === '' ? '' : '-changed'}`;
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
