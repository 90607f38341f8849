import { processesOf, waitUntilHealthy, writeRow } from '../bench-cluster.ts';
import type { Lab } from '../lab.ts';
import { type Measurements, spread } from '../measurement.ts';

/** kill -9 of the primary's mysqld → the first write that is acknowledged again. */
export async function* benchFailover(lab: Lab, count: number): Measurements {
  const cluster = await lab.cluster();
  await writeRow(cluster);
  const gapsMs: number[] = [];
  for (let run = 1; run <= count; run++) {
    await waitUntilHealthy(cluster.api, cluster.name);
    const { primary } = await processesOf(cluster);
    const killedAt = performance.now();
    process.kill(primary.mysqld_pid, 'SIGKILL');
    await writeRow(cluster);
    gapsMs.push(performance.now() - killedAt);
    lab.say(`failover ${run} of ${count}: ${Math.round(gapsMs.at(-1) ?? 0)} ms`);
  }
  yield* spread('first acknowledged write after kill -9', gapsMs, 'ms');
}
