/** The leader dies at each side effect in turn, before or after it: the next one brings every operation to its end. */
import type { ClusterRecord } from '@cotton/core';
import { discoveryOf, isSettled } from '@cotton/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeEngines, Kept } from './testing-kept.ts';
import { FakeMesos } from './testing-mesos.ts';
import { settled } from './testing.ts';

beforeEach(() => {
  // Not setImmediate: `settled` waits with it.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
});
afterEach(() => {
  closeEngines();
  vi.useRealTimers();
});

/** More than any story needs, with one change of the leader. */
const ROUNDS_MAX = 24;
const DEAD = { mysqld: 'down', role: 'none', lead: null } as const;
const AGENTS = [0, 1, 2, 7];
const ALL = ['demo-0', 'demo-1', 'demo-2', 'demo-3'];

interface Stage {
  kept: Kept;
  mesos: FakeMesos;
}

interface Story {
  /** Begins with no cluster at all. */
  isFirst?: true;
  /** Asks for it, or lets it happen; repeated with a new leader, as somebody would who got no answer. */
  begin(stage: Stage): unknown;
  /** Of these, those that run go on obeying. */
  members: string[];
  /** Happens on the way. */
  goOn?(stage: Stage): void;
  /** What is stored in the end; undefined: nothing. */
  isDone(record: ClusterRecord | undefined): boolean;
  check(stage: Stage): void;
}

const CREATION = {
  name: 'demo',
  nodes: 3,
  size: { cpus: 1, memMb: 512, diskMb: 1024 },
  user: 'app',
  password: undefined,
  idempotencyKey: 'once',
  durability: {},
  promotion: {},
};

const STORIES: Record<string, Story> = {
  'a creation': {
    isFirst: true,
    begin: ({ kept }) => kept.engine.requests.create(CREATION),
    members: ALL,
    isDone: (record) => typeof record?.formedAtMs === 'number',
    check({ kept, mesos }) {
      expect(kept.outside.stored.size).toBe(1);
      expect(votersIn(kept.record)).toHaveLength(2);
      expectOnlyWhatRuns({ kept, mesos });
    },
  },
  'an election': {
    begin: ({ kept }) => kept.say('demo-0', DEAD),
    members: ['demo-1', 'demo-2'],
    isDone: (record) => isOpen(record, 'demo-1'),
    check({ kept: { record } }) {
      expect(record.epoch).toBe(2);
      expect(toldOf(record)).toEqual(['formation ok', 'failover ok']);
    },
  },
  'a switchover': {
    begin: ({ kept: { engine } }) =>
      engine.requests.switchOver('demo', {
        to: 'demo-2',
        deadlineMs: 10_000,
        graceMs: 0,
        despiteObstacles: false,
        epoch: 1,
      }),
    members: ALL,
    isDone: (record) => isOpen(record, 'demo-2'),
    check({ kept: { record } }) {
      expect(record.epoch).toBe(2);
      expect(toldOf(record)).toEqual(['formation ok', 'switchover ok']);
    },
  },
  'a failover by hand under hold': {
    async begin({ kept: { engine } }) {
      await engine.requests.setHold('demo', true);
      await engine.requests.failOver('demo', { to: 'demo-1', force: false, epoch: 1 });
    },
    members: ALL,
    isDone: (record) => record?.epoch === 2 && isOpen(record),
    check: ({ kept }) => expect(kept.record).toMatchObject({ epoch: 2, spec: { hold: true } }),
  },
  'a failover with --force': {
    begin: ({ kept: { engine } }) =>
      engine.requests.failOver('demo', { to: undefined, force: true, epoch: 1 }),
    members: ['demo-2'],
    isDone: (record) => isOpen(record, 'demo-2'),
    check({ kept: { record } }) {
      expect(record.epoch).toBe(2);
      expect(toldOf(record)).toEqual(['formation ok', 'failover unsafe']);
    },
  },
  'a change of durability': {
    begin: ({ kept: { engine } }) =>
      engine.requests.change('demo', { durability: { acks: 2, minInSync: 1 } }),
    members: ALL,
    isDone: (record) => record?.electorate.at(-1)?.ackCount === 2,
    check: ({ kept }) =>
      expect(kept.record).toMatchObject({ epoch: 1, spec: { durability: { minInSync: 1 } } }),
  },
  'a growth': {
    begin: ({ kept: { engine } }) => engine.requests.change('demo', { nodes: 4 }),
    members: ALL,
    isDone: (record) => votersIn(record).length === 3,
    check: expectOnlyWhatRuns,
  },
  'a shrinkage': {
    begin: ({ kept: { engine } }) => engine.requests.change('demo', { nodes: 2 }),
    members: ALL,
    isDone: (record) => record?.instances.length === 2,
    check({ kept, mesos }) {
      expect(votersIn(kept.record)).toEqual(['demo-1']);
      expectOnlyWhatRuns({ kept, mesos });
    },
  },
  'a replacement, and the return of the one that was replaced': {
    async begin({ kept: { outside, engine }, mesos }) {
      mesos.lose(2);
      mesos.answer(engine);
      await settled();
      outside.nowMs += 600_000;
    },
    members: ALL,
    goOn({ kept, mesos }) {
      if (votersIn(kept.record).includes('demo-3')) mesos.find(2);
    },
    isDone: (record) => record?.instances.length === 3 && votersIn(record).includes('demo-3'),
    check({ kept, mesos }) {
      expect(mesos.reservedOn(2)).toEqual([]);
      expectOnlyWhatRuns({ kept, mesos });
    },
  },
  'a deletion': {
    begin: ({ kept: { engine } }) => engine.requests.delete('demo', undefined),
    members: ALL,
    isDone: (record) => record === undefined,
    check({ kept, mesos }) {
      expect(kept.outside.discovery.size).toBe(0);
      expect(mesos.tasks).toEqual([]);
      expect(AGENTS.flatMap((agent) => mesos.reservedOn(agent))).toEqual([]);
    },
  },
};

function isOpen(record: ClusterRecord | undefined, primary = record?.primary?.instance): boolean {
  return typeof record?.openedAtMs === 'number' && record.primary?.instance === primary;
}

function votersIn(record: ClusterRecord | undefined): string[] {
  return record?.electorate.at(-1)?.voters.map(({ instance }) => instance) ?? [];
}

function toldOf({ transitions }: ClusterRecord): string[] {
  return transitions.map(({ kind, outcome }) => `${kind} ${outcome}`);
}

/** One task for each instance, and on each agent nothing but what that task stands on. */
function expectOnlyWhatRuns({ kept: { record }, mesos }: Stage): void {
  expect(mesos.tasks).toEqual(record.instances.map(({ task }) => task?.id).sort());
  const homes = record.instances.map(({ id, home }) => [home?.agentId, id]);
  const reserved = AGENTS.flatMap((agent) => mesos.reservedOn(agent).map((id) => [`A${agent}`, id]));
  expect(reserved.sort()).toEqual(homes.sort());
}

/** Runs it to its end, over the death of the leader. */
async function play(story: Story, death?: { atEffect: number; isDone: boolean }): Promise<Stage> {
  const kept = new Kept({ isFormed: !story.isFirst });
  const { outside } = kept;
  const mesos = new FakeMesos(outside, AGENTS, story.isFirst ? undefined : kept.record);
  const stage = { kept, mesos };
  if (story.isFirst) kept.members.statuses.clear();
  await kept.tell();
  // Nothing is wanted yet: all offers are declined for long.
  mesos.offer(kept.engine);
  await settled();
  mesos.answer(kept.engine);
  await settled();
  watch(kept);
  outside.effects = 0;
  outside.death = death;
  void story.begin(stage);
  await settled();
  for (let round = 0; round < ROUNDS_MAX && !isOver(stage, story); round++) await playRound(stage, story);
  return stage;
}

/** What must not happen at any moment ends the engine that does it. */
function watch({ outside }: Kept): void {
  const primaries = new Map<string, string>();
  outside.onStored = ({ epochId, primary }) => {
    const before = primaries.get(epochId) ?? primary?.instance;
    if (primary && before !== primary.instance) throw new Error(`two primaries in one epoch`);
    if (primary) primaries.set(epochId, primary.instance);
  };
  outside.onKill = (taskId) => {
    for (const { record } of outside.stored.values()) {
      const killed = record.instances.find(({ task }) => task?.id === taskId);
      const isCounted = record.electorate.some(({ voters }) => voters.some((v) => v.instance === killed?.id));
      if (killed && (killed.intent !== 'remove' || isCounted))
        throw new Error(`${killed.id} is still needed`);
    }
  };
}

async function playRound(stage: Stage, story: Story): Promise<void> {
  const { kept, mesos } = stage;
  if (kept.outside.isDead) await replaceLeader(stage, story);
  mesos.answer(kept.engine);
  await settled();
  for (const id of story.members) await obey(stage, id);
  mesos.offer(kept.engine);
  await settled();
  story.goOn?.(stage);
  kept.outside.nowMs += 1_000;
  await vi.advanceTimersByTimeAsync(1_000);
  await settled();
}

async function replaceLeader(stage: Stage, story: Story): Promise<void> {
  const { kept, mesos } = stage;
  mesos.disconnected();
  kept.takeOver();
  await kept.tell();
  void story.begin(stage);
  await settled();
}

/** One that does not run is seen no more. */
async function obey({ kept, mesos }: Stage, id: string): Promise<void> {
  const instances = [...kept.outside.stored.values()].flatMap(({ record }) => record.instances);
  const task = instances.find((i) => i.id === id)?.task;
  if (task && mesos.runs(task.id)) return kept.say(id);
  if (kept.members.statuses.delete(id)) await kept.tell();
}

function isOver({ kept: { outside, members } }: Stage, story: Story): boolean {
  const [stored] = outside.stored.values();
  if (outside.isDead || !story.isDone(stored?.record)) return false;
  if (!stored) return true;
  const { record } = stored;
  const wanted = JSON.stringify(discoveryOf(record, members.seen()));
  return isSettled(record) && JSON.stringify(outside.discovery.get('demo')) === wanted;
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  it('comes to its end whenever the leader dies', async () => {
    const undisturbed = await play(story);
    expect(isOver(undisturbed, story)).toBe(true);
    story.check(undisturbed);
    const { effects } = undisturbed.kept.outside;
    expect(effects).toBeGreaterThan(1);
    for (let atEffect = 1; atEffect <= effects; atEffect++)
      for (const isDone of [false, true]) {
        const where = `death ${isDone ? 'after' : 'before'} effect ${atEffect} of ${effects}`;
        const stage = await play(story, { atEffect, isDone });
        expect(stage.kept.outside.fatal, where).toBeUndefined();
        expect([where, isOver(stage, story)]).toEqual([where, true]);
        story.check(stage);
      }
  });
});
