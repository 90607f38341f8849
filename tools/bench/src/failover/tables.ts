/** What rounds came to, as tables. */
import { summariseSteps } from '../arithmetic/chain.ts';
import { median, ratios, type Summary, summarise } from '../arithmetic/samples.ts';
import { format, type Table } from '../measurement.ts';
import { FAULTS, type FaultName, FAULT_NAMES } from './contender.ts';
import { FAILOVER_STEPS, SWITCHOVER_STEPS } from './milestones.ts';
import type { Round } from './rounds.ts';

export const COTTON = 'Cotton';

/** Median, p99, minimum and maximum of the write gap, for each fault and contender. */
export function gapTable(rounds: readonly Round[]): Table {
  const rows = eachPair(rounds).map(([fault, contender]) => {
    const theirs = summarise(gapsOf(rounds, fault, contender));
    return [FAULTS[fault], contender, ...summaryCells(theirs), ratioCell(rounds, fault, contender)];
  });
  return {
    title: 'Write gap: last acknowledged write before the fault to the next one after it',
    head: ['', 'of', 'times', 'p50 ms', 'p99 ms', 'min', 'max', "by Cotton's (min–max)"],
    rows,
    data: rounds.map(({ contender, fault, gapMs, tookMs }) => ({ contender, fault, gapMs, tookMs })),
  };
}

/** How long the scheduler's takeover took; nothing when none was played. */
export function takeoverTables(rounds: readonly Round[]): Table[] {
  const tookMs = rounds.flatMap((round) => round.tookMs ?? []);
  if (tookMs.length === 0) return [];
  return [
    {
      title: 'Takeover: kill -9 of the leading scheduler to an answer of the next one',
      head: ['', 'times', 'p50 ms', 'p99 ms', 'min', 'max'],
      rows: [[COTTON, ...summaryCells(summarise(tookMs))]],
      data: tookMs,
    },
  ];
}

/** Where the time of Cotton's failovers and switchovers went: one column for each fault. */
export function stepTables(rounds: readonly Round[]): Table[] {
  const told = rounds.filter(({ steps }) => steps.length > 0);
  const failovers = told.filter(({ fault }) => fault !== 'switchover');
  const switchovers = told.filter(({ fault }) => fault === 'switchover');
  return [
    ...stepTable('Where a failover of Cotton spends its time', FAILOVER_STEPS, failovers),
    ...stepTable('Where a switchover of Cotton spends its time', SWITCHOVER_STEPS, switchovers),
  ];
}

function stepTable(title: string, ends: Readonly<Record<string, string>>, rounds: readonly Round[]): Table[] {
  if (rounds.length === 0) return [];
  const faults = FAULT_NAMES.filter((fault) => rounds.some((round) => round.fault === fault));
  const order = Object.keys(ends);
  const columns = faults.map((fault) =>
    summariseSteps(
      order,
      rounds.filter((round) => round.fault === fault).map(({ steps }) => steps),
    ),
  );
  const cell = (step: string, of: 'median' | 'max') => (summaries: (typeof columns)[number]) => {
    const found = summaries.find((one) => one.step === step);
    return found ? format(found[of]) : '–';
  };
  return [
    {
      title: `${title}: ms from one step to the next, median and maximum`,
      head: ['', ...faults.flatMap((fault) => [fault, 'max']), 'ends when'],
      rows: order.map((step) => [
        step,
        ...columns.flatMap((summaries) => [cell(step, 'median')(summaries), cell(step, 'max')(summaries)]),
        ends[step] ?? '',
      ]),
      data: rounds.map(({ fault, steps }) => ({ fault, steps })),
    },
  ];
}

/** How many times Cotton's gap it is. By medians; its spread from rounds, where both played the same one. */
function ratioCell(rounds: readonly Round[], fault: FaultName, contender: string): string {
  if (contender === COTTON) return '';
  const theirs = gapsOf(rounds, fault, contender);
  const ours = gapsOf(rounds, fault, COTTON);
  if (ours.length === 0) return '';
  const spread = summarise(ratios(theirs, ours));
  const times = (value: number): string => `${format(value)}×`;
  return `${times(median(theirs) / median(ours))} (${times(spread.min)}–${times(spread.max)})`;
}

function gapsOf(rounds: readonly Round[], fault: FaultName, contender: string): number[] {
  return rounds.flatMap((round) =>
    round.fault === fault && round.contender === contender ? [round.gapMs] : [],
  );
}

function eachPair(rounds: readonly Round[]): [FaultName, string][] {
  return FAULT_NAMES.flatMap((fault) => {
    const names = rounds.flatMap((round) => (round.fault === fault ? [round.contender] : []));
    return [...new Set(names)].map((name): [FaultName, string] => [fault, name]);
  });
}

function summaryCells({ count, median: middle, p99, min, max }: Summary): string[] {
  return [`${count}`, ...[middle, p99, min, max].map(format)];
}
