import { measureBareMysqld } from '../bare-mysqld.ts';
import { createCluster, deleteCluster } from '../bench-cluster.ts';
import type { Lab } from '../lab.ts';
import { type Measurements, spread } from '../measurement.ts';

/** POST → HEALTHY for three instances, against initialising and starting one bare mysqld in the same minute. */
export async function* benchCreate(lab: Lab, count: number): Measurements {
  const api = await lab.api();
  const readyMs: number[] = [];
  const bareMs: number[] = [];
  for (let run = 1; run <= count; run++) {
    const { initialiseMs, startMs } = await measureBareMysqld(await lab.folder(`bare-${run}`));
    bareMs.push(initialiseMs + startMs);
    const cluster = await createCluster(api, `create-${run}`);
    readyMs.push(cluster.readyMs);
    lab.say(`create ${run} of ${count}: ${Math.round(cluster.readyMs)} ms`);
    await deleteCluster(cluster);
  }
  const ready = spread('POST to cluster ready (3 instances)', readyMs, 'ms');
  const bare = spread('bare mysqld --initialize and start', bareMs, 'ms');
  const ratio = (ready[0]?.value ?? NaN) / (bare[0]?.value ?? NaN);
  yield* ready;
  yield { name: 'of that, the first (the package is unpacked)', value: readyMs[0] ?? NaN, unit: 'ms' };
  yield* bare;
  yield { name: 'ready, in bare mysqld starts', value: ratio, unit: '×', note: 'p50 by p50' };
}
