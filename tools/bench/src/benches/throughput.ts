/** Writes per second and their latency while nothing fails: Cotton beside the same MySQL set up by hand. */
import { quantile, ratios, summarise } from '../arithmetic/samples.ts';
import { waitUntilHealthy } from '../bench-cluster.ts';
import type { Lab } from '../lab.ts';
import { makeTable, type SteadyResult, writeSteadily } from '../load/steady.ts';
import { format, type Measurements, type Table } from '../measurement.ts';
import { type Contender, contenders, untilEqual } from '../throughput/contenders.ts';

const CLIENTS = [1, 8, 32] as const;
const WARM_UP_MS = 1_000;
const MEASURE_MS = 4_000;

/** Results by contender, in the order of rounds. */
type Rounds = ReadonlyMap<string, SteadyResult[]>;

/** @param count rounds; in each one every contender is measured, in turn, so that a noisy moment hits all alike */
export async function* benchThroughput(lab: Lab, count: number): Measurements {
  const cluster = await lab.cluster();
  await waitUntilHealthy(cluster.api, cluster.name);
  lab.say('setting up rivals by hand');
  const builder = await lab.builder();
  const all = await contenders(cluster, builder);
  for (const { place, account } of all) await makeTable(await place(), account);
  for (const clients of CLIENTS) yield tableOf(clients, await measure(lab, all, clients, count));
  await builder.close();
}

async function measure(lab: Lab, all: readonly Contender[], clients: number, count: number): Promise<Rounds> {
  const results = new Map(all.map(({ name }) => [name, [] as SteadyResult[]]));
  for (let round = 0; round < count; round += 1) {
    const first = round % all.length;
    for (const contender of [...all.slice(first), ...all.slice(0, first)]) {
      const result = await measureOne(contender, clients);
      await untilEqual(contender);
      results.get(contender.name)?.push(result);
      const rate = Math.round(result.perSecond);
      lab.say(`${clients} clients, round ${round + 1} of ${count}: ${contender.name} ${rate}/s`);
    }
  }
  return results;
}

async function measureOne(
  { name, place, account, waits }: Contender,
  clients: number,
): Promise<SteadyResult> {
  const before = await waits();
  const result = await writeSteadily({
    ...{ place: await place(), account, clients },
    ...{ warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS },
  });
  const after = await waits();
  // Otherwise it would be the speed of something else.
  if (before && after && !(after.yes > before.yes && after.no === before.no))
    throw new Error(`${name}: not every write waited for a replica (${after.no - before.no} did not)`);
  return result;
}

function tableOf(clients: number, rounds: Rounds): Table {
  const [ours = []] = rounds.values();
  const rate = (results: readonly SteadyResult[]): number[] => results.map(({ perSecond }) => perSecond);
  const rows = [...rounds].map(([name, results]) => {
    const { median, min, max } = summarise(rate(results));
    const latencies = results.flatMap(({ latenciesMs }) => latenciesMs);
    const ratio = summarise(ratios(rate(ours), rate(results)));
    return [
      name,
      ...[median, min, max].map((value) => value.toFixed(0)),
      ...[0.5, 0.99].map((share) => format(quantile(latencies, share))),
      ...[ratio.median, ratio.min, ratio.max].map((value) => value.toFixed(2)),
    ];
  });
  return {
    title: `single-row inserts, ${clients} ${clients === 1 ? 'client' : 'clients'}`,
    head: [
      ...['', 'writes/s', 'min', 'max', 'p50 ms', 'p99 ms'],
      ...['Cotton by this, within rounds', 'min', 'max'],
    ],
    rows,
    data: [...rounds].map(([name, results]) => ({
      ...{ name, clients },
      rounds: results.map(({ perSecond, latenciesMs }) => ({
        perSecond,
        p50Ms: quantile(latenciesMs, 0.5),
        p99Ms: quantile(latenciesMs, 0.99),
      })),
    })),
  };
}
