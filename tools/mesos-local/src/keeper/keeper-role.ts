import { mkdirSync } from 'node:fs';
import type { Flags } from '../flags.ts';
import { Keeper } from './keeper.ts';

const STOP_GRACE_MS = 3000;
const IDLE_EXIT_MS = 5000;

/**
 * The `keeper` process. With `--tied` it lives as long as its standard input is open, that is as long as
 * the tool that started it, however that ends. Otherwise it goes when no agent and no executor is left.
 */
export async function runKeeper(flags: Flags): Promise<void> {
  const workDir = flags.text('work_dir');
  mkdirSync(workDir, { recursive: true });
  const keeper = new Keeper(workDir);
  await keeper.listen();
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await keeper.stop(STOP_GRACE_MS);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop());
  if (flags.flag('tied')) {
    process.stdin.resume();
    process.stdin.on('end', () => void stop());
    process.stdin.on('error', () => void stop());
  } else {
    let timer: NodeJS.Timeout | undefined;
    keeper.onIdle = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void (keeper.idle && stop()), IDLE_EXIT_MS);
    };
  }
}
