/** `npm run e2e`: the stories on the Mesos of one's choice, and one line that counts them. */
import { ensureAll } from '@cotton/setup';
import { buildBundles, root } from '@cotton/start';
import type { Tally } from '@cotton/test';
import { execa } from 'execa';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMesosMini } from './harness/mesos-mini.ts';
import type { E2eOptions } from './harness/options.ts';
import { OPTIONS_VARIABLE, parseOptions, USAGE } from './harness/options.ts';

const STORIES = join(root, 'e2e/stories');
const SUFFIX = '.test.ts';
const RUN_LIMIT_MS = 40 * 60_000;
const USAGE_ERROR = 2;

const interruption = new AbortController();

async function main(args: string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const options = parseOptions(args);
  const stories = await chooseStories(options.only);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interruption.abort());
  // Before the long part: it says at once when there is no Docker.
  const mini = options.target === 'mesos-mini' ? await startMesosMini(options) : undefined;
  try {
    await ensureAll((line) => console.log(line));
    await buildBundles();
    return report(await runStories(stories, mini?.options ?? options));
  } finally {
    await mini?.stop();
  }
}

/** File names of the stories. @throws for a name that fits none */
async function chooseStories(only: string[]): Promise<string[]> {
  const all = (await readdir(STORIES)).filter((file) => file.endsWith(SUFFIX)).sort();
  for (const name of only)
    if (!all.some((file) => file.includes(name))) {
      const names = all.map((file) => file.slice(0, -SUFFIX.length)).join(', ');
      throw new Error(`there is no story "${name}"; the stories are ${names}`);
    }
  return only.length === 0 ? all : all.filter((file) => only.some((name) => file.includes(name)));
}

async function runStories(stories: string[], options: E2eOptions): Promise<Tally> {
  const scratch = await mkdtemp(join(tmpdir(), 'cotton-e2e-tally-'));
  const tallyFile = join(scratch, 'tally.json');
  const reporter = join(root, 'tools/test/src/tally-reporter.ts');
  const files = stories.map((file) => join('e2e/stories', file));
  const args = ['run', '--project', 'e2e', '--reporter=verbose', `--reporter=${reporter}`, ...files];
  try {
    const { exitCode } = await execa(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), ...args],
      {
        cwd: root,
        env: { [OPTIONS_VARIABLE]: JSON.stringify(options), COTTON_TALLY_FILE: tallyFile },
        stdio: 'inherit',
        reject: false,
        cancelSignal: interruption.signal,
        killSignal: 'SIGINT', // lets stories take down what they started
        forceKillAfterDelay: 30_000,
        timeout: RUN_LIMIT_MS,
      },
    );
    const tally = JSON.parse(await readFile(tallyFile, 'utf8').catch(() => EMPTY)) as Tally;
    if (exitCode !== 0 && tally.failed.length === 0) tally.failed.push(`the run ended with ${exitCode}`);
    else if (tally.passed + tally.failed.length === 0) tally.failed.push('no story ran');
    return tally;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const EMPTY = '{"passed":0,"failed":[],"skipped":[]}';

/** What failed, what was not run and why, and the count as the last line. @returns the exit code */
function report({ passed, failed, skipped }: Tally): number {
  for (const name of failed) console.log(`failed   ${name}`);
  for (const { name, reason } of skipped) console.log(`not run  ${name} (${reason})`);
  console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} not run`);
  return failed.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`npm run e2e: ${(error as Error).message}`);
    process.exit(USAGE_ERROR);
  },
);
