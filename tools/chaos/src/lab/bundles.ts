/** What the schedulers and executors of a lab run. */
import type { SourceEdit } from '@cotton/bundle';
import { root } from '@cotton/start';
import { join } from 'node:path';

export interface Bundles {
  scheduler: string;
  /** Launched hundreds of times: the script, not the executable with Node inside. */
  executor: string;
}

export const BUILT: Bundles = {
  scheduler: join(root, 'packages/scheduler/dist/cotton-scheduler.mjs'),
  executor: join(root, 'packages/executor/dist/cotton-executor.mjs'),
};

/** Both with the edit, in `dir`. @throws when it does not apply, or is in neither */
export async function editedBundles(edit: SourceEdit, dir: string): Promise<Bundles> {
  // Loads compilers, which nobody else here needs.
  const { bundleEdited } = await import('@cotton/bundle');
  const bundles = {
    scheduler: join(dir, 'cotton-scheduler.mjs'),
    executor: join(dir, 'cotton-executor.mjs'),
  };
  const inScheduler = await bundleEdited('scheduler', edit, bundles.scheduler);
  const inExecutor = await bundleEdited('executor', edit, bundles.executor);
  if (!inScheduler && !inExecutor) throw new Error(`${edit.file} is in neither bundle`);
  return bundles;
}
