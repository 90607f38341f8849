/** `npm run e2e`: the stories on the Mesos of one's choice, and one line that counts them. */
import { ensureAll } from '@cotton/setup';
import { buildBundles, root } from '@cotton/start';
import { runProject, type Tally } from '@cotton/test';
import { readdir } from 'node:fs/promises';
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

function runStories(stories: string[], options: E2eOptions): Promise<Tally> {
  return runProject('e2e', {
    files: stories.map((file) => join('e2e/stories', file)),
    reporter: 'verbose',
    env: { [OPTIONS_VARIABLE]: JSON.stringify(options) },
    limitMs: RUN_LIMIT_MS,
    signal: interruption.signal,
  });
}

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
