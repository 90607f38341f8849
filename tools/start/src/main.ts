/** `npm start`: the whole system on one machine, with a demo cluster. */
import { ensureAll } from '@cotton/setup';
import { join } from 'node:path';
import { credentialsFile, findAccount } from './account.ts';
import { buildBundles } from './build.ts';
import { bringUpDemo } from './demo.ts';
import { removeEndpoints, writeEndpoints } from './endpoints.ts';
import { introduction } from './introduction.ts';
import type { StartOptions } from './options.ts';
import { parseOptions, USAGE } from './options.ts';
import { localDir } from './paths.ts';
import type { Stack } from './stack.ts';
import { startStack } from './stack.ts';
import { runStory } from './story.ts';

const stopping = new AbortController();

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  const started = performance.now();
  const say = (line: string): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    console.log(`${seconds} s  ${line}`);
  };
  say('fetching what is not here yet: MySQL, ZooKeeper');
  await ensureAll(say);
  say('building the bundles');
  await buildBundles();
  return serve(options, say);
}

async function serve(options: StartOptions, say: (line: string) => void): Promise<number> {
  let stack: Stack | undefined;
  try {
    const { keep } = options;
    stack = await startStack({
      stateDir: join(localDir, 'state'),
      commandDir: localDir,
      keep,
      progress: say,
    });
    const running = stack;
    await writeEndpoints(running);
    stack.scheduler.onRestart = () => void writeEndpoints(running);
    if (options.once) return await interruptible(runStory(stack, say));
    const demo = await interruptible(bringUpDemo(stack, say));
    const accountFile = credentialsFile(stack.stateDir);
    const account = await findAccount(accountFile, demo.uid);
    console.log(introduction({ stack, demo, account, accountFile }));
    await interruptible(new Promise<never>(() => {}));
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return options.once ? 130 : 0;
    console.error(`\n${(error as Error).message}\n`);
    return 1;
  } finally {
    say('stopping');
    await removeEndpoints();
    await stack?.stop();
  }
}

/** Ends early, by throwing, when the user asks to stop. */
async function interruptible<T>(work: Promise<T>): Promise<T> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Error('stopped'));
    if (stopping.signal.aborted) stop();
    stopping.signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, stopped]);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`${(error as Error).message}`);
    process.exit(1);
  },
);
