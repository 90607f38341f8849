import { describe, expect, it } from 'vitest';
import { countBallot } from './ballot.ts';
import { changeElectorate, votersOf } from './electorate.ts';
import { startElection } from './election.ts';
import { World } from './testing.ts';

const P = 'aaaaaaaa-0000-4000-8000-000000000000';
const R1 = 'aaaaaaaa-0000-4000-8000-000000000001';

/** A cluster whose primary is lost; `data` by instance. */
function electing(nodes: number, data: Record<string, string>): World {
  const world = World.serving(nodes);
  for (const [id, set] of Object.entries(data)) world.data.set(id, set);
  world.record = startElection(world.record, 'lost', world.seen());
  return world;
}

function answer(world: World, ...ids: string[]): ReturnType<typeof countBallot> {
  for (const id of ids) world.obey(id);
  return countBallot(world.record, world.seen());
}

describe('countBallot', () => {
  it('elects by what was received, applied or not', () => {
    const world = electing(3, {});
    const position = {
      epoch: world.record.epoch,
      purged: '',
      executed: `${P}:1-2`,
      received: `${P}:1-5`,
      led: 1,
    };
    world.obey('demo-1', { position: { ...position, executed: `${P}:1-4`, received: '' } });
    world.obey('demo-2', { position });
    const ballot = countBallot(world.record, world.seen());
    expect(ballot).toMatchObject({ kind: 'won', winner: { instance: 'demo-2' }, elected: `${P}:1-5` });
  });

  it('of those that hold the same elects who has the least to apply, unless another is liked better', () => {
    const world = electing(3, {});
    const held = { epoch: world.record.epoch, purged: '', received: `${P}:1-5`, led: 0 };
    world.obey('demo-1', { position: { ...held, executed: `${P}:1-3` } });
    world.obey('demo-2', { position: { ...held, executed: `${P}:1-5` } });
    const winner = (): unknown => countBallot(world.record, world.seen());
    expect(winner()).toMatchObject({ winner: { instance: 'demo-2' } });
    world.record = { ...world.record, spec: { ...world.record.spec, promotion: { 'demo-1': 'prefer' } } };
    expect(winner()).toMatchObject({ winner: { instance: 'demo-1' } });
  });

  it.each([
    [3, 1, 2],
    [5, 2, 3],
  ])('of %i nodes needs |V| − k + 1 reports', (nodes, k, needed) => {
    const world = electing(nodes, {});
    const replicas = votersOf(world.record).map((v) => v.instance);
    expect(world.record.electorate[0]?.ackCount).toBe(k);
    expect(answer(world, ...replicas.slice(0, needed - 1)).kind).toBe('waiting');
    expect(answer(world, ...replicas.slice(0, needed)).kind).toBe('won');
  });

  it('is content with the deposed primary alone', () => {
    const world = electing(3, { 'demo-0': `${P}:1-9` });
    expect(answer(world, 'demo-0')).toMatchObject({ kind: 'won', winner: { instance: 'demo-0' } });
  });

  it('does without the deposed primary where the voters suffice: what only it has was never acknowledged', () => {
    const world = electing(3, { 'demo-0': `${P}:1-9`, 'demo-1': `${P}:1-8`, 'demo-2': `${P}:1-7` });
    expect(answer(world, 'demo-0', 'demo-1', 'demo-2')).toMatchObject({
      winner: { instance: 'demo-1' },
      elected: `${P}:1-8`,
    });
  });

  it('asks every listed electorate', () => {
    const world = World.serving(4);
    const [a, b, c] = votersOf(world.record);
    if (!a || !b || !c) throw new Error('three voters expected');
    // demo-3 leaves, and the primary dies before it has settled that.
    world.record = startElection(changeElectorate(world.record, [a, b], 1), 'lost', world.seen());
    expect(answer(world, 'demo-1', 'demo-2')).toEqual({ kind: 'waiting', for: ['demo-0', 'demo-3'] });
    expect(answer(world, 'demo-3').kind).toBe('won');
  });

  it('does not count a voter whose host was rebooted', () => {
    const world = electing(3, {});
    const position = { epoch: world.record.epoch, purged: '', executed: '', received: '', led: 0 };
    world.obey('demo-1', { bootId: 'later', position });
    expect(answer(world, 'demo-2')).toMatchObject({ kind: 'waiting', for: ['demo-0', 'demo-1'] });
  });

  it('waits for all reports while absence says nothing: record and statuses may be an old copy', () => {
    const world = electing(3, {});
    world.absenceCounts = false;
    expect(world.statuses.has('demo-0')).toBe(true);
    expect(answer(world, 'demo-1', 'demo-2')).toEqual({ kind: 'waiting', for: ['demo-0'] });
    world.fresh.add('demo-0');
    expect(countBallot(world.record, world.seen()).kind).toBe('won');
    // An executor that has just been started has not read its volume.
    world.obey('demo-0', { mysqld: 'preparing', position: null });
    expect(countBallot(world.record, world.seen()).kind).toBe('waiting');
    world.statuses.delete('demo-0');
    world.fresh.delete('demo-0');
    expect(countBallot(world.record, world.seen()).kind).toBe('waiting');
    // It was seen to vanish: ZooKeeper itself has waited for it.
    world.fresh.add('demo-0');
    expect(countBallot(world.record, world.seen()).kind).toBe('won');
    // What vanished was an earlier task's: the present one has yet to speak.
    const { record } = world;
    const instances = record.instances.map((i) =>
      i.id === 'demo-0' && i.task ? { ...i, task: { ...i.task, id: 'later' } } : i,
    );
    expect(countBallot({ ...record, instances }, world.seen()).kind).toBe('waiting');
    // Mesos told that it has ended: of the old copy's task, whose member was launched again since.
    const ended = record.instances.map((i) => (i.id === 'demo-0' ? { ...i, task: null } : i));
    expect(countBallot({ ...record, instances: ended }, world.seen())).toEqual({
      kind: 'waiting',
      for: ['demo-0'],
    });
    world.fresh.clear();
    world.absenceCounts = true;
    expect(countBallot(world.record, world.seen()).kind).toBe('won');
  });

  it('does not count a report of another epoch', () => {
    const world = electing(3, {});
    answer(world, 'demo-1', 'demo-2');
    world.record = startElection(world.record, 'again', world.seen());
    expect(countBallot(world.record, world.seen()).kind).toBe('waiting');
  });

  it('does not count a winner that has lost what it was elected for', () => {
    const world = electing(3, { 'demo-1': `${P}:1-9`, 'demo-2': `${P}:1-7` });
    answer(world, 'demo-1', 'demo-2');
    world.decide();
    expect(world.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-1' } });
    // Its host loses power before it has applied what it had received.
    world.data.set('demo-1', `${P}:1-7`);
    world.record = startElection(world.record, 'lost', world.seen());
    world.obey('demo-1', { bootId: 'later' });
    expect(answer(world, 'demo-2')).toEqual({ kind: 'waiting', for: ['demo-0', 'demo-1'] });
  });

  it('names those that hold different transactions', () => {
    const world = electing(3, { 'demo-1': `${P}:1-5`, 'demo-2': `${P}:1-4:6` });
    expect(answer(world, 'demo-1', 'demo-2')).toMatchObject({ kind: 'incomparable' });
  });

  it('sets aside what a replica wrote by itself, but not what it wrote when it was the primary', () => {
    const world = electing(3, { 'demo-1': `${P}:1-5,${R1}:1-3`, 'demo-2': `${P}:1-6,${R1}:1-2` });
    world.record = { ...world.record, elected: `${R1}:1-2` };
    expect(answer(world, 'demo-1', 'demo-2')).toMatchObject({
      kind: 'won',
      winner: { instance: 'demo-2' },
      elected: `${P}:1-6,${R1}:1-2`,
    });
  });

  it('sets aside what an earlier primary could not get acknowledged, also while its generation is listed', () => {
    const world = electing(3, { 'demo-0': `${P}:1-9`, 'demo-1': `${P}:1-8`, 'demo-2': `${P}:1-8` });
    answer(world, 'demo-1', 'demo-2');
    world.decide();
    expect(world.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-1' } });
    // The new primary dies, too, with a write that demo-2 has acknowledged.
    world.data.set('demo-2', `${P}:1-8,${R1}:1`);
    world.record = startElection(world.record, 'lost', world.seen());
    expect(world.record.electorate).toHaveLength(2);
    expect(answer(world, 'demo-0', 'demo-2')).toMatchObject({
      kind: 'won',
      winner: { instance: 'demo-2' },
      elected: `${P}:1-8,${R1}:1`,
    });
  });

  describe('after a restore of ZooKeeper', () => {
    const reports = (led: Record<string, number>): ReturnType<typeof countBallot> => {
      const world = electing(3, {});
      const { epoch, election } = world.record;
      if (election) world.record = { ...world.record, election: { ...election, everyone: true } };
      const sets: Record<string, string> = {
        'demo-0': `${P}:1-9`,
        'demo-1': `${P}:1-8,${R1}:1-2`,
        'demo-2': `${P}:1-8,${R1}:1`,
      };
      for (const [id, executed] of Object.entries(sets)) {
        const position = { epoch, executed, received: '', purged: '', led: led[id] ?? 0 };
        world.obey(id, { position });
      }
      return countBallot(world.record, world.seen());
    };

    it('sets aside what only a deposed primary has', () => {
      expect(reports({ 'demo-0': 1, 'demo-1': 2 })).toMatchObject({
        kind: 'won',
        winner: { instance: 'demo-1' },
        elected: `${P}:1-8,${R1}:1-2`,
      });
    });

    it('counts them for nothing in a forced election either', () => {
      const world = electing(3, { 'demo-0': `${P}:1-20`, 'demo-1': `${P}:1-8,${R1}:1` });
      const { epoch, election } = world.record;
      if (election)
        world.record = {
          ...world.record,
          election: { ...election, everyone: true, waived: 'an operator forced it' },
        };
      for (const [id, led] of [
        ['demo-0', 1],
        ['demo-1', 2],
      ] as const) {
        const executed = world.data.get(id) ?? '';
        world.obey(id, { position: { epoch, executed, received: '', purged: '', led } });
      }
      // demo-2 is gone for good, and nobody can tell.
      expect(countBallot(world.record, world.seen())).toMatchObject({
        kind: 'won',
        winner: { instance: 'demo-1' },
      });
    });

    it('also asks one that had no data yet when the copy was made', () => {
      const world = electing(3, {});
      const { election } = world.record;
      if (election) world.record = { ...world.record, election: { ...election, everyone: true } };
      const instances = world.record.instances.map((i) =>
        i.id === 'demo-2' ? { ...i, task: null, home: i.home && { ...i.home, seeded: false } } : i,
      );
      world.record = { ...world.record, instances };
      expect(answer(world, 'demo-0', 'demo-1')).toMatchObject({ kind: 'waiting', for: ['demo-2'] });
    });

    it('sets nothing aside when it is not sure who led later, and wrote', () => {
      expect(reports({ 'demo-0': 2, 'demo-1': 2 }).kind).toBe('incomparable');
      expect(reports({ 'demo-0': 2, 'demo-1': 1 }).kind).toBe('incomparable');
      // demo-2 is noted to have led, and never wrote.
      expect(reports({ 'demo-0': 2, 'demo-1': 1, 'demo-2': 3 }).kind).toBe('incomparable');
    });
  });

  it('prefers, among equals, as the cluster was told to', () => {
    const world = electing(3, {});
    const spec = { ...world.record.spec, promotion: { 'demo-1': 'avoid' as const } };
    world.record = { ...world.record, spec };
    expect(answer(world, 'demo-1', 'demo-2')).toMatchObject({ winner: { instance: 'demo-2' } });
  });
});
