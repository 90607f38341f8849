/** The leader dies at each side effect in turn, before or after it: the next one brings every operation to its end. */
import type { ClusterRecord } from '@cotton/core';
import { discoveryOf, isSettled } from '@cotton/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEngines, Kept } from './testing-kept.ts';
import { offerOf, settled } from './testing.ts';

afterEach(closeEngines);

/** More than any story needs, with one change of the leader. */
const ROUNDS_MAX = 12;
const DEAD = { mysqld: 'down', role: 'none', lead: null } as const;
const ALL = ['demo-0', 'demo-1', 'demo-2'];

interface Story {
  /** Asks for it, or lets it happen; repeated with a new leader, as somebody would who got no answer. */
  begin(kept: Kept): Promise<unknown>;
  /** Members that go on obeying. */
  members: string[];
  /** Agents that offer what they have. */
  agents?: number[];
  isDone(record: ClusterRecord): boolean;
  check(kept: Kept): void;
}

const STORIES: Record<string, Story> = {
  'an election': {
    begin: (kept) => kept.say('demo-0', DEAD),
    members: ['demo-1', 'demo-2'],
    isDone: ({ primary, openedAtMs }) => primary?.instance === 'demo-1' && openedAtMs !== null,
    check: ({ record }) => {
      expect(record.epoch).toBe(2);
      expect(record.transitions.map(({ kind }) => kind)).toEqual(['formation', 'failover']);
    },
  },
  'a switchover': {
    begin: ({ engine }) =>
      engine.requests.switchOver('demo', {
        to: 'demo-2',
        deadlineMs: 10_000,
        graceMs: 0,
        despiteObstacles: false,
        epoch: 1,
      }),
    members: ALL,
    isDone: ({ primary, openedAtMs }) => primary?.instance === 'demo-2' && openedAtMs !== null,
    check: ({ record }) => {
      expect(record.epoch).toBe(2);
      expect(record.transitions.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
        'formation ok',
        'switchover ok',
      ]);
    },
  },
  'a failover by hand under hold': {
    async begin({ engine }) {
      await engine.requests.setHold('demo', true);
      await engine.requests.failOver('demo', { to: 'demo-1', force: false, epoch: 1 });
    },
    members: ALL,
    isDone: ({ epoch, primary, openedAtMs }) => epoch === 2 && primary !== null && openedAtMs !== null,
    check: ({ record }) => expect(record).toMatchObject({ epoch: 2, spec: { hold: true } }),
  },
  'a growth': {
    begin: ({ engine }) => engine.requests.change('demo', { nodes: 4 }),
    members: [...ALL, 'demo-3'],
    agents: [7],
    isDone: ({ electorate }) => (electorate.at(-1)?.voters.length ?? 0) === 3,
    check({ outside, record }) {
      const launched = outside.accepted.flatMap(({ operations }) =>
        operations.flatMap(({ launch }) => launch?.taskInfos?.map(({ taskId }) => taskId.value) ?? []),
      );
      expect(launched).toEqual([record.instances.find(({ id }) => id === 'demo-3')?.task?.id]);
    },
  },
};

/** Runs it to its end, over the death of the leader. */
async function play(story: Story, death?: { atEffect: number; isDone: boolean }): Promise<Kept> {
  const kept = new Kept();
  await kept.tell();
  const { outside } = kept;
  const primaries = new Map<string, string>();
  outside.onStored = ({ epochId, primary }) => {
    const before = primaries.get(epochId) ?? primary?.instance;
    if (primary && before !== primary.instance) throw new Error(`two primaries in one epoch`);
    if (primary) primaries.set(epochId, primary.instance);
  };
  outside.effects = 0;
  outside.death = death;
  void story.begin(kept);
  await settled();
  for (let round = 0; round < ROUNDS_MAX && !isOver(kept, story); round++) {
    if (outside.isDead) await replaceLeader(kept, story);
    for (const id of story.members) if (kept.record.instances.some((i) => i.id === id)) await kept.say(id);
    kept.engine.offers((story.agents ?? []).map((agent) => offerOf(agent)));
    await settled();
    outside.nowMs += 1_000;
  }
  return kept;
}

async function replaceLeader(kept: Kept, story: Story): Promise<void> {
  kept.takeOver();
  await kept.tell();
  await forgetUnsent(kept);
  void story.begin(kept);
  await settled();
}

/** What Mesos answers about tasks whose ACCEPT was never sent. */
async function forgetUnsent({ outside, engine, record }: Kept): Promise<void> {
  const sent = JSON.stringify(
    outside.accepted.map(({ operations }) => operations.map(({ launch }) => launch)),
    plain,
  );
  for (const { task } of record.instances)
    if (task?.state === 'launching' && !sent.includes(task.id))
      await engine.taskUpdate({ taskId: { value: task.id }, state: 'TASK_GONE', agentId: { value: 'A7' } });
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function isOver({ outside, record, members }: Kept, story: Story): boolean {
  const wanted = JSON.stringify(discoveryOf(record, members.seen()));
  const isFound = JSON.stringify(outside.discovery.get('demo')) === wanted;
  return !outside.isDead && story.isDone(record) && isSettled(record) && isFound;
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  it('comes to its end whenever the leader dies', async () => {
    const undisturbed = await play(story);
    expect(isOver(undisturbed, story)).toBe(true);
    story.check(undisturbed);
    const effects = undisturbed.outside.effects;
    expect(effects).toBeGreaterThan(2);
    for (let atEffect = 1; atEffect <= effects; atEffect++)
      for (const isDone of [false, true]) {
        const where = `death ${isDone ? 'after' : 'before'} effect ${atEffect} of ${effects}`;
        const kept = await play(story, { atEffect, isDone });
        expect(kept.outside.fatal, where).toBeUndefined();
        expect([where, isOver(kept, story)]).toEqual([where, true]);
        story.check(kept);
      }
  });
});
