import type { Transition } from '@cotton/api';
import { describe, expect, it } from 'vitest';
import type { LogLine } from './logs.ts';
import {
  FAILOVER_STEPS,
  failoverMilestones,
  SWITCHOVER_STEPS,
  switchoverMilestones,
  type Told,
} from './milestones.ts';

const START_MS = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number): string => new Date(START_MS + ms).toISOString();

function step(atMs: number, instance: string, name: string): LogLine {
  return { atMs: START_MS + atMs, instance, message: 'step', fields: { step: { do: name } } };
}

function event(atMs: number, name: string, epoch: number): LogLine {
  return { atMs: START_MS + atMs, instance: undefined, message: '', fields: { event: name, epoch } };
}

const FAILOVER: Transition = {
  id: 'u-e2',
  kind: 'failover',
  outcome: 'ok',
  epoch: 2,
  cause: 'mysqld of demo-0 ended',
  detail: '',
  from: 'demo-0',
  to: 'demo-1',
  started_at: at(5),
  ended_at: at(90),
  steps: [
    { step: 'deposed', at: at(5) },
    { step: 'elected', at: at(39) },
    { step: 'opened', at: at(80) },
  ],
};

const CLIENTS = { publishedMs: START_MS + 85, connectedMs: START_MS + 87, writtenMs: START_MS + 95 };

const LINES: LogLine[] = [
  { atMs: START_MS + 4, instance: 'demo-0', message: 'mysqld ended', fields: {} },
  event(10, 'election', 2),
  step(20, 'demo-2', 'persist-epoch'),
  step(30, 'demo-1', 'persist-epoch'),
  step(33, 'demo-0', 'persist-epoch'),
  event(40, 'electorate', 2),
  step(41, 'demo-2', 'persist-epoch'),
  step(50, 'demo-1', 'open'),
  event(95, 'electorate', 2),
];

const since = (
  milestones: Readonly<Record<string, number | undefined>>,
): Record<string, number | undefined> =>
  Object.fromEntries(
    Object.entries(milestones).map(([name, ms]) => [name, ms === undefined ? undefined : ms - START_MS]),
  );

describe('a failover', () => {
  const told: Told = { lines: LINES, transition: FAILOVER, tookMs: { open: 7.5 }, ...CLIENTS };

  it('is told by executors, scheduler and clients', () => {
    expect(since(failoverMilestones(told))).toEqual({
      detect: 4,
      depose: 10,
      revoke: 30,
      'report, elect': 40,
      apply: 50,
      open: 57.5,
      tell: 80,
      publish: 85,
      connect: 87,
      write: 95,
    });
  });

  it('is told by the audit alone where logs say nothing', () => {
    const silent = { lines: [], transition: FAILOVER, tookMs: {}, ...CLIENTS };
    expect(since(failoverMilestones(silent))).toEqual({
      ...{ detect: undefined, depose: 5, revoke: undefined, 'report, elect': 39, apply: undefined },
      ...{ open: undefined, tell: 80, publish: 85, connect: 87, write: 95 },
    });
  });

  it('names every step of the table', () => {
    expect(Object.keys(failoverMilestones(told))).toEqual(Object.keys(FAILOVER_STEPS));
  });
});

describe('a switchover', () => {
  const transition: Transition = {
    ...FAILOVER,
    kind: 'switchover',
    steps: [
      { step: 'began', at: at(2) },
      { step: 'closed', at: at(20) },
      { step: 'decided', at: at(30) },
      { step: 'opened', at: at(60) },
    ],
  };
  const lines = [event(3, 'switchover', 1), event(31, 'electorate', 2), step(35, 'demo-1', 'open')];
  const told: Told = { lines, transition, tookMs: {}, ...CLIENTS };

  it('is told from its beginning in the old epoch to its end in the new one', () => {
    expect(since(switchoverMilestones(told))).toEqual({
      ...{ begin: 3, close: 20, 'catch up, decide': 31, apply: 35, open: undefined },
      ...{ tell: 60, publish: 85, connect: 87, write: 95 },
    });
    expect(Object.keys(switchoverMilestones(told))).toEqual(Object.keys(SWITCHOVER_STEPS));
  });
});
