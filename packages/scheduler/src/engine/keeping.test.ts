import { afterEach, describe, expect, it } from 'vitest';
import { closeEngines, Kept } from './testing-kept.ts';
import { settled } from './testing.ts';

afterEach(closeEngines);

const SWITCHOVER = {
  to: undefined,
  deadlineMs: 10_000,
  graceMs: 0,
  despiteObstacles: false,
  epoch: undefined,
};

describe('a new leader', () => {
  it('leaves discovery and people in peace until it has read the statuses', async () => {
    const kept = new Kept();
    await settled();
    expect(kept.outside.discovery.size).toBe(0);
    await kept.tell();
    expect(kept.outside.discovery.get('demo')).toMatchObject({ primary: { instance: 'demo-0' } });
    expect(kept.engine.find('demo')?.view.state).toBe('HEALTHY');
    expect(kept.kinds).toEqual([]);
  });

  it.each(['demo-0 closes', 'demo-2 applies', 'demo-2 opens'])(
    'goes on with a switchover while %s',
    async (moment) => {
      const kept = new Kept();
      await kept.tell();
      const begun = await kept.engine.requests.switchOver('demo', { ...SWITCHOVER, to: 'demo-2' });
      if (moment !== 'demo-0 closes') await kept.say('demo-0');
      if (moment === 'demo-2 opens') await kept.say('demo-2');
      kept.takeOver();
      await kept.settle();
      expect(kept.record).toMatchObject({ phase: 'steady', epoch: 2, primary: { instance: 'demo-2' } });
      const id = begun.ok ? begun.value.id : '';
      expect(kept.record.transitions.at(-1)).toMatchObject({ id, outcome: 'ok', to: 'demo-2' });
      expect(kept.outside.discovery.get('demo')).toMatchObject({ primary: { instance: 'demo-2' } });
    },
  );

  it('goes on with an election', async () => {
    const kept = new Kept();
    await kept.say('demo-0', { mysqld: 'down', role: 'none', lead: null });
    expect(kept.record.phase).toBe('electing');
    await kept.say('demo-1');
    kept.takeOver();
    await kept.settle(['demo-1', 'demo-2']);
    expect(kept.record).toMatchObject({ phase: 'steady', epoch: 2, primary: { instance: 'demo-1' } });
  });
});

describe('requests', () => {
  it('are judged in the turn that persists them: of two switchovers one begins', async () => {
    const kept = new Kept();
    await kept.tell();
    const { requests } = kept.engine;
    const [first, second] = await Promise.all([
      requests.switchOver('demo', { ...SWITCHOVER, to: 'demo-1' }),
      requests.switchOver('demo', { ...SWITCHOVER, to: 'demo-2' }),
    ]);
    expect(first.ok).toBe(true);
    expect(second).toMatchObject({ ok: false, refusal: 'switchover_refused' });
    expect(kept.record.switchover?.to).toBe('demo-1');
  });

  it('for a switchover are refused when the primary names an obstacle, unless it is meant', async () => {
    const kept = new Kept();
    await kept.tell();
    kept.outside.obstacles = ['session 7 holds a lock', 'another thing'];
    const { requests } = kept.engine;
    const refused = {
      ok: false,
      refusal: 'switchover_refused',
      detail: expect.stringContaining('demo-0: session 7 holds a lock; another thing.'),
    };
    expect(await requests.planSwitchover('demo', SWITCHOVER)).toEqual(refused);
    expect(await requests.switchOver('demo', SWITCHOVER)).toEqual(refused);
    expect(kept.record).toMatchObject({ phase: 'steady', switchover: null });
    const meant = { ...SWITCHOVER, despiteObstacles: true };
    expect(await requests.planSwitchover('demo', meant)).toMatchObject({ ok: true });
    expect(await requests.switchOver('demo', meant)).toMatchObject({ ok: true });
    expect(kept.record.phase).toBe('switching');
  });

  it('for a switchover to a member that lags are refused, unless it is meant', async () => {
    const kept = new Kept();
    ['demo-1', 'demo-2'].forEach((id) => kept.members.lagging.add(id));
    await kept.settle();
    const { requests } = kept.engine;
    for (const to of [undefined, 'demo-2']) {
      const refused = {
        ok: false,
        refusal: 'switchover_refused',
        detail: expect.stringContaining(`${to ?? 'demo-1'} is seconds behind`),
      };
      expect(await requests.planSwitchover('demo', { ...SWITCHOVER, to })).toEqual(refused);
      expect(await requests.switchOver('demo', { ...SWITCHOVER, to })).toEqual(refused);
    }
    const meant = { ...SWITCHOVER, despiteObstacles: true };
    expect(await requests.switchOver('demo', meant)).toMatchObject({ ok: true });
    expect(kept.record.switchover?.to).toBe('demo-1');
  });

  it('that belong to an earlier epoch change nothing', async () => {
    const kept = new Kept();
    await kept.tell();
    const { requests } = kept.engine;
    expect((await requests.failOver('demo', { to: undefined, force: false, epoch: 1 })).ok).toBe(true);
    const again = await requests.failOver('demo', { to: undefined, force: false, epoch: 1 });
    expect(again).toMatchObject({ ok: false, refusal: 'epoch_passed' });
    expect(kept.record.epoch).toBe(2);
  });

  it('hold the primary’s place, until somebody asks', async () => {
    const kept = new Kept();
    await kept.tell();
    await kept.engine.requests.setHold('demo', true);
    await kept.say('demo-0', { mysqld: 'down', role: 'none', lead: null });
    expect(kept.record).toMatchObject({ phase: 'steady', epoch: 1 });
    expect(kept.engine.find('demo')?.view.state).toBe('BLOCKED');
    await kept.engine.requests.failOver('demo', { to: undefined, force: false, epoch: undefined });
    await kept.settle(['demo-1', 'demo-2']);
    expect(kept.record).toMatchObject({ primary: { instance: 'demo-1' }, spec: { hold: true } });
  });
});

describe('a failover', () => {
  it('is told from its beginning to its end, with the states on the way', async () => {
    const kept = new Kept();
    await kept.tell();
    await kept.say('demo-0', { mysqld: 'down', role: 'none', lead: null });
    await kept.settle(['demo-1', 'demo-2']);
    const { events } = kept.outside;
    expect(kept.kinds).toEqual(expect.arrayContaining(['election', 'state', 'electorate', 'transition']));
    expect(events.find(({ kind }) => kind === 'transition')?.transition).toMatchObject({
      kind: 'failover',
      outcome: 'ok',
      from: 'demo-0',
      to: 'demo-1',
    });
  });

  it('does not wait for discovery, which may be slow', async () => {
    const kept = new Kept();
    await kept.tell();
    kept.outside.onPublish = () => new Promise(() => {});
    await kept.say('demo-0', { mysqld: 'down', role: 'none', lead: null });
    await kept.settle(['demo-1', 'demo-2']);
    expect(kept.record).toMatchObject({ phase: 'steady', primary: { instance: 'demo-1' } });
    expect(kept.record.openedAtMs).not.toBeNull();
  });

  it('ends the process when discovery is another leader’s', async () => {
    const kept = new Kept();
    kept.outside.onPublish = () => Promise.reject(new Error('deposed'));
    await kept.tell();
    expect(kept.outside.fatal).toEqual(new Error('deposed'));
  });
});

it('tells of transactions that a member has saved, but not of those it had saved before', async () => {
  const kept = new Kept();
  const slice = (n: number) => ({ gtids: `u:${n}`, file: `errant/${n}.sql`, savedAtMs: 1 });
  await kept.say('demo-1', { errant: [slice(1)] });
  await kept.say('demo-1', { errant: [slice(1), slice(2)] });
  await kept.say('demo-1', { errant: [slice(1), slice(2)] });
  expect(kept.outside.events.filter(({ kind }) => kind === 'errant').map(({ message }) => message)).toEqual([
    'demo-1 saved transactions that only it had, u:2, in errant/2.sql',
  ]);
});
