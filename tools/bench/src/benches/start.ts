/** From `npm start` to a healthy cluster, with everything fetched and built. */
import { ApiClient } from '@cotton/api';
import { ensureAll } from '@cotton/setup';
import { buildBundles, startStack } from '@cotton/start';
import { createCluster, waitUntilHealthy } from '../bench-cluster.ts';
import type { Lab } from '../lab.ts';
import type { Measurements } from '../measurement.ts';

const NAME = 'demo';

/** The same steps as `npm start`, on a state of its own: from an empty state, then with the state kept. */
export async function* benchStart(lab: Lab): Measurements {
  const stateDir = await lab.folder('start');
  const checkS = await seconds(async () => {
    await ensureAll(() => undefined);
    await buildBundles();
  });
  yield { name: 'set-up and build, nothing to do', value: checkS, unit: 's' };
  const empty = await measureRun(stateDir, async (api) => void (await createCluster(api, NAME)));
  yield { name: 'services up, empty state', value: empty.servicesS, unit: 's' };
  yield { name: 'then until "demo" is healthy', value: empty.clusterS, unit: 's' };
  yield { name: 'npm start to ready, cold', value: checkS + empty.servicesS + empty.clusterS, unit: 's' };
  const kept = await measureRun(stateDir, (api) => waitUntilHealthy(api, NAME));
  yield { name: 'services up, kept state', value: kept.servicesS, unit: 's' };
  yield { name: 'then until "demo" is healthy again', value: kept.clusterS, unit: 's' };
  yield { name: 'npm start to ready, cached', value: checkS + kept.servicesS + kept.clusterS, unit: 's' };
}

async function measureRun(
  stateDir: string,
  untilReady: (api: ApiClient) => Promise<void>,
): Promise<{ servicesS: number; clusterS: number }> {
  const begun = performance.now();
  const stack = await startStack({ stateDir, keep: true });
  const servicesS = (performance.now() - begun) / 1000;
  try {
    const api = new ApiClient({ urls: [stack.api] });
    return { servicesS, clusterS: await seconds(() => untilReady(api)) };
  } finally {
    await stack.stop();
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}
