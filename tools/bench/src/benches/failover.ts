/** How long clients cannot write when something happens to the primary: Cotton, and Group Replication beside it. */
import { isIsolated, whyNotIsolated } from '@cotton/chaos';
import { ensureIproute } from '@cotton/setup';
import { playRounds } from '../failover/rounds.ts';
import { Scene } from '../failover/scene.ts';
import { gapTable, stepTables, takeoverTables } from '../failover/tables.ts';
import { measureIsolated } from '../isolated.ts';
import type { Lab } from '../lab.ts';
import type { Measurements } from '../measurement.ts';
import type { BenchOptions } from '../options.ts';

export async function* benchFailover(lab: Lab, options: BenchOptions): Measurements {
  if (isIsolated()) return yield* measure(lab, options);
  const reason = await whyNotIsolated();
  if (reason !== undefined) {
    lab.say(`no network namespaces (${reason}): nobody can be cut off, so that fault is left out`);
    return yield* measure(lab, options);
  }
  await ensureIproute(lab.say);
  yield* measureIsolated('failover', lab, options);
}

async function* measure(lab: Lab, { count, faults, rivals }: BenchOptions): Measurements {
  const { say, signal } = lab;
  const opening = Scene.open({ rivals, signal, say });
  lab.defer(async () => (await opening.catch(() => undefined))?.close());
  const { contenders } = await opening;
  const { rounds, troubles } = await playRounds({ contenders, faults, count, signal, say });
  if (rounds.length > 0) yield gapTable(rounds);
  yield* takeoverTables(rounds);
  yield* stepTables(rounds);
  if (troubles.length > 0)
    throw new Error(troubles.map((one) => `${one.contender}, ${one.fault}: ${one.reason}`).join('; '));
}
