/** One round: a fault under load, the lab mended, and the history checked. */
import type { ClusterDetail } from '@cotton/api';
import { containsGtidSet, parseGtidSet } from '@cotton/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from './check/check.ts';
import { checkCounter, checkLost } from './check/holdings.ts';
import { type Violation, violation } from './check/violation.ts';
import { Dice } from './dice.ts';
import type { Fault } from './faults/fault.ts';
import { BANK, type History, type Holding } from './history.ts';
import { type Cluster, placeOf, primaryOf, untilHealthy } from './lab/cluster.ts';
import type { Lab } from './lab/lab.ts';
import { findLeftovers } from './leftovers.ts';
import type { Incarnations } from './load/incarnations.ts';
import { Load } from './load/load.ts';
import type { Signpost } from './load/signpost.ts';
import { holdingOf, makeTables } from './load/tables.ts';
import { Cast } from './stage/cast.ts';
import { Stage } from './stage/stage.ts';
import { untilOrLimit } from './until-or-limit.ts';
import { Watcher } from './watcher.ts';

export interface RoundOptions {
  lab: Lab;
  cluster: Cluster;
  signpost: Signpost;
  incarnations: Incarnations;
  fault: Fault;
  seed: string;
  /** Of this round; `former` is removed. */
  database: string;
  former: string | undefined;
  limits: Limits;
  /** Of each writer between two writes. */
  pauseMs: number;
  signal: AbortSignal;
  say: (line: string) => void;
}

export interface Limits {
  /** From the end of a fault to a healthy cluster. */
  recoveryMs: number;
  /** From the end of the load until all members hold the same. */
  settleMs: number;
  sessionTimeoutMs: number;
}

export interface RoundOutcome {
  acknowledged: number;
  unknown: number;
  lost: number;
  /** The longest time in which no client that follows discovery had a write acknowledged, from the first step on. */
  gapMs: number;
  elections: number;
  /** What the API said, with ms from the first step on. */
  timeline: string[];
  violations: Violation[];
  withoutEffect: readonly string[];
  excused: Violation[];
  history: History;
  complaints: string;
}

/** Writes that must be acknowledged before a fault, so that there is something to lose. */
const WARM_UP_WRITES = 40;
const WARM_UP_LIMIT_MS = 30_000;
const COOL_DOWN_WRITES = 20;
const POLL_MS = 200;
/** Beyond the session timeout: detection by the heartbeat, and the tick by which expiry is rounded up. */
const STALE_READS_MARGIN_MS = 6_000;

export async function playRound(options: RoundOptions): Promise<RoundOutcome> {
  const { lab, cluster, limits, signal, database } = options;
  const before = await untilHealthy(lab, cluster.name, limits.recoveryMs, signal);
  await makeTables(placeOf(primaryOf(before)), cluster.account, database, options.former);
  const nowMs = clock();
  const watcher = new Watcher(lab, before, nowMs);
  const load = Load.start({ ...options, account: cluster.account, nowMs });
  const parts = { ...options, watcher, load, nowMs };
  try {
    await untilOrLimit(() => load.served >= WARM_UP_WRITES, WARM_UP_LIMIT_MS, signal);
    if (load.served === 0) throw new Error(`no write was acknowledged before the fault: ${load.complaints}`);
    const fromMs = nowMs();
    const { stuck, hasRestoredZooKeeper, withoutEffect } = await playFault(parts, before);
    const { holdings, problems } = await settle(parts);
    const history = historyOf(parts, holdings);
    const { violations, excused } = checkHistory(parts, history, hasRestoredZooKeeper);
    return {
      ...outcomeOf(parts, history, fromMs),
      violations: [...stuck, ...problems, ...violations],
      ...{ withoutEffect, excused },
    };
  } finally {
    await load.stop();
    await watcher.stop();
  }
}

interface Parts extends RoundOptions {
  watcher: Watcher;
  load: Load;
  nowMs: () => number;
}

function clock(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

/** The steps, and then everything mended again, whatever happens. */
async function playFault(
  parts: Parts,
  before: ClusterDetail,
): Promise<{ stuck: Violation[] } & Pick<Stage, 'hasRestoredZooKeeper' | 'withoutEffect'>> {
  const { fault, seed, watcher, lab, signal } = parts;
  const dice = new Dice(`${seed} ${fault.name}`);
  const cast = new Cast(lab, () => watcher.latest, dice);
  const stage = new Stage({ ...parts, cast, dice, before });
  try {
    await stage.perform(fault.steps(dice), signal);
  } finally {
    await stage.mend(signal);
  }
  const { hasRestoredZooKeeper, withoutEffect } = stage;
  return { stuck: await untilServed(parts, before), hasRestoredZooKeeper, withoutEffect };
}

async function untilServed(
  { limits, load, cluster, lab, signal }: Parts,
  before: ClusterDetail,
): Promise<Violation[]> {
  const { served } = load;
  try {
    await untilHealthy(lab, cluster.name, limits.recoveryMs, signal);
    await untilOrLimit(() => load.served >= served + COOL_DOWN_WRITES, limits.recoveryMs, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return [
      {
        kind: 'not recovered',
        count: 1,
        detail: `after ${before.name} was mended: ${(error as Error).message}`,
      },
    ];
  }
  if (load.served >= served + COOL_DOWN_WRITES) return [];
  return [{ kind: 'not recovered', count: 1, detail: `clients are not served: ${load.complaints}` }];
}

/** No more load; members and discovery come to rest, and every member says what it holds. */
async function settle(parts: Parts): Promise<{ holdings: Holding[]; problems: Violation[] }> {
  const { load, watcher, lab, limits, signal } = parts;
  await load.stop();
  // Before the primary is asked: what members were seen to hold must not be newer than its answer.
  await watcher.stop();
  const deadline = performance.now() + limits.settleMs;
  for (;;) {
    signal.throwIfAborted();
    const rest = await lookForRest(parts).catch((error: unknown) => ({
      holdings: [],
      problem: violation('not recovered', [(error as Error).message], 'members do not come to rest'),
    }));
    if (rest.problem.length === 0 || performance.now() > deadline)
      return { holdings: rest.holdings, problems: [...rest.problem, ...findLeftovers(lab)] };
    await sleep(POLL_MS);
  }
}

/** The primary's holding first, and what is not at rest yet; differences are for the checks. */
async function lookForRest({
  lab,
  cluster,
  database,
  signpost,
  watcher,
}: Parts): Promise<{ holdings: Holding[]; problem: Violation[] }> {
  const { primary, members, state, reason, epoch } = await lab.api.get(cluster.name);
  const inOrder = members.toSorted((a, b) => Number(b.id === primary) - Number(a.id === primary));
  const holdings: Holding[] = [];
  // One after the other: a replica asked later can have everything that the primary had.
  for (const member of inOrder)
    holdings.push(await holdingOf(member.id, placeOf(member), cluster.account, database));
  const published = `${signpost.primary?.host}:${signpost.primary?.port}`;
  const actual = `${inOrder[0]?.host}:${inOrder[0]?.port}`;
  return {
    holdings,
    problem: [
      ...violation(
        'not recovered',
        state === 'HEALTHY' ? [] : [`${state}: ${reason}`],
        'members do not come to rest',
      ),
      ...violation(
        'not recovered',
        epoch < watcher.epoch ? [`epoch ${epoch} after epoch ${watcher.epoch}`] : [],
        'the API speaks of the past',
      ),
      ...violation(
        'discovery',
        published === actual ? [] : [published],
        `the primary is ${actual}, published`,
      ),
      ...violation(
        'differs',
        haveSame(holdings) ? [] : ['see the other violations'],
        'members do not converge',
      ),
    ],
  };
}

function haveSame([primary, ...replicas]: readonly Holding[]): boolean {
  if (!primary) return false;
  const executed = parseGtidSet(primary.executed);
  return replicas.every(
    (replica) =>
      replica.digest === primary.digest && containsGtidSet(parseGtidSet(replica.executed), executed),
  );
}

function historyOf({ load, watcher }: Parts, holdings: Holding[]): History {
  const { writes, transfers, increments, reads } = load;
  const executed = holdings[0]?.executed;
  return {
    ...{ writes, transfers, increments, reads, holdings },
    sights: watcher.sights,
    strays: executed === undefined ? {} : watcher.strays(executed),
    reported: watcher.reported,
  };
}

function checkHistory(
  { fault, limits }: Parts,
  history: History,
  hasRestoredZooKeeper: boolean,
): { violations: Violation[]; excused: Violation[] } {
  const found = check(history, {
    bank: BANK,
    staleReadsMs: limits.sessionTimeoutMs + STALE_READS_MARGIN_MS,
    keepsPrimary: fault.keepsPrimary === true,
  });
  // After a restore discovery names whom the copy knows, closed by now, until all members have reported.
  const isExcused = ({ kind }: Violation): boolean => hasRestoredZooKeeper && kind === 'stale';
  const isCovered = ({ kind }: Violation): boolean => !(fault.mayLose && kind === 'lost');
  return {
    violations: found.filter((one) => isCovered(one) && !isExcused(one)),
    excused: found.filter(isExcused),
  };
}

function outcomeOf(
  { load, watcher }: Parts,
  history: History,
  fromMs: number,
): Omit<RoundOutcome, 'violations' | 'withoutEffect' | 'excused'> {
  const attempts = [...load.writes, ...load.transfers, ...load.increments];
  const acknowledged = attempts.filter((attempt) => attempt.isAcknowledged).length;
  const { sights } = watcher;
  return {
    acknowledged,
    unknown: attempts.length - acknowledged,
    lost: [...checkLost(history), ...checkCounter(history)]
      .filter(({ kind }) => kind === 'lost')
      .reduce((sum, { count }) => sum + count, 0),
    gapMs: longestGap(load.servedMs, fromMs),
    timeline: sights.map(
      ({ atMs, epoch, state, primary, reason }) =>
        `${Math.round(atMs - fromMs)} ms: epoch ${epoch} ${state} ${primary ?? '-'}: ${reason}`,
    ),
    elections: (sights.at(-1)?.epoch ?? 0) - (sights[0]?.epoch ?? 0),
    history,
    complaints: load.complaints,
  };
}

/** The longest time between two acknowledgements that ends after `fromMs`. */
function longestGap(servedMs: readonly number[], fromMs: number): number {
  let longest = 0;
  for (let index = 1; index < servedMs.length; index += 1) {
    const ended = servedMs[index] ?? 0;
    if (ended >= fromMs) longest = Math.max(longest, ended - (servedMs[index - 1] ?? 0));
  }
  return longest;
}
