import type { ClusterDetail, Transition } from '@cotton/api';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from './exit-codes.ts';
import { answer, cluster, refusal, World, type Answer, type Asked } from './testing.ts';

let world: World;
afterEach(() => world.close());

const STARTED = {
  transition: 't1',
  name: 'demo',
  uid: 'abcdefabcdef',
  epoch: 1,
  from: 'demo-0',
  to: 'demo-2',
};

function transition(change: Partial<Transition> = {}): Transition {
  return {
    id: 't1',
    kind: 'switchover',
    outcome: 'ok',
    epoch: 2,
    cause: 'asked for',
    detail: '',
    from: 'demo-0',
    to: 'demo-2',
    started_at: '2026-01-02T03:04:05.000Z',
    ended_at: '2026-01-02T03:04:05.310Z',
    steps: [
      { step: 'began', at: '2026-01-02T03:04:05.000Z' },
      { step: 'opened', at: '2026-01-02T03:04:05.310Z' },
    ],
    ...change,
  };
}

/** A scheduler that begins what it is asked for, and whose cluster is then seen like this, one after the other. */
async function begins(...seen: ClusterDetail[]): Promise<World> {
  const states = [cluster(), ...seen];
  return scripted(({ method }) =>
    method === 'GET'
      ? answer(states.length > 1 ? states.shift() : states[0])
      : { status: 202, body: STARTED },
  );
}

async function scripted(script: (asked: Asked) => Answer): Promise<World> {
  world = await World.create(script);
  return world;
}

const under = (outcome: Transition['outcome'], detail = '') =>
  cluster({ transitions: [transition({ outcome, detail })] });

describe('cotton switchover', () => {
  it('asks once, in this epoch only, and waits until it is over', async () => {
    await begins(
      cluster({ state: 'SWITCHING', reason: 'demo-0 closes for demo-2', in_progress: transition() }),
      under('ok'),
    );
    const { code, out, err } = await world.run(['switchover', 'demo', '--to', 'demo-2', '--progress']);
    expect(code).toBe(0);
    expect(world.asked.filter(({ method }) => method === 'POST')).toEqual([
      { method: 'POST', path: '/clusters/demo/switchover', body: { to: 'demo-2', epoch: 1 } },
    ]);
    expect(err).toContain('demo-0 hands over to demo-2');
    expect(err).toContain('SWITCHING  opened  demo-0 closes for demo-2');
    expect(out).toContain('switchover demo-0 → demo-2  ok  asked for  (began +0.00 s, opened +0.31 s)');
  });

  it('goes on despite obstacles when told to', async () => {
    await begins(under('ok'));
    expect((await world.run(['switchover', 'demo', '--despite_obstacles'])).code).toBe(0);
    expect(world.asked.find(({ method }) => method === 'POST')?.body).toEqual({
      despite_obstacles: true,
      epoch: 1,
    });
  });

  it('says why it was rolled back', async () => {
    await begins(under('rolled_back', 'it was not done by its deadline'));
    const { code, err } = await world.run(['switchover', 'demo']);
    expect(code).toBe(EXIT_CODES.not_possible.code);
    expect(err).toContain('demo-2 did not take over: it was not done by its deadline (rolled_back)');
  });

  it('says why it was refused', async () => {
    await scripted(({ method }) => (method === 'GET' ? answer(cluster()) : refusal('switchover_refused')));
    expect((await world.run(['switchover', 'demo'])).code).toBe(EXIT_CODES.not_possible.code);
  });

  it('changes nothing in a dry run', async () => {
    await scripted(() => answer({ dry_run: true, from: 'demo-0', to: 'demo-1' }));
    const { out } = await world.run(['switchover', 'demo', '--dry_run']);
    expect(out).toBe('Would switch demo from demo-0 to demo-1. Nothing was changed.\n');
    expect(world.asked).toMatchObject([{ path: '/clusters/demo/switchover?dry_run=true' }]);
  });

  it('ends when time is up', async () => {
    await begins(cluster({ state: 'SWITCHING', in_progress: transition({ outcome: 'running' }) }));
    const { code, err } = await world.run(['switchover', 'demo', '--timeout', '0.5']);
    expect(code).toBe(EXIT_CODES.timeout.code);
    expect(err).toContain('It goes on after 0.5 s: SWITCHING');
  });

  it.each([
    ['--deadline', '1ms'],
    ['--deadline', 'soon'],
    ['--grace', '2h'],
  ])('refuses %s %s without asking anyone', async (...option) => {
    await begins();
    const { code } = await world.run(['switchover', 'demo', ...option]);
    expect([code, world.asked.length]).toEqual([EXIT_CODES.usage.code, 0]);
  });
});

describe('cotton failover', () => {
  it('deposes the primary', async () => {
    await begins(under('ok'));
    expect((await world.run(['failover', 'demo', '--to', 'demo-1'])).code).toBe(0);
    expect(world.asked.at(1)).toEqual({
      method: 'POST',
      path: '/clusters/demo/failover',
      body: { to: 'demo-1', force: false, epoch: 1 },
    });
  });

  it('with --force warns, asks a person, and sends the password', async () => {
    await begins(under('unsafe', 'an operator forced it'));
    const wrong = await world.run(['failover', 'demo', '--force'], {}, { answer: 'dem', secret: 'p' });
    expect([wrong.code, world.asked.length]).toEqual([EXIT_CODES.interrupted.code, 1]);
    expect(wrong.err).toContain('are lost for good');
    const person = { answer: 'demo', secret: 'p' };
    const { code, err } = await world.run(['failover', 'demo', '--force'], {}, person);
    expect(code).toBe(0);
    expect(err).toContain('acknowledged writes may be missing');
    expect(world.asked.find(({ method }) => method === 'POST')?.body).toEqual({
      force: true,
      epoch: 1,
      password: 'p',
    });
  });

  it('with --force in a script wants --yes', async () => {
    await begins(under('unsafe'));
    const file = join(world.home, 'password');
    await writeFile(file, 'p\n');
    const force = ['failover', 'demo', '--force', '--password-file', file];
    expect((await world.run(force)).code).toBe(EXIT_CODES.usage.code);
    expect(world.asked.map(({ method }) => method)).not.toContain('POST');
    expect((await world.run([...force, '--yes'])).code).toBe(0);
  });
});

describe('cotton hold, durability and promotion', () => {
  it.each([
    [['hold', 'demo', 'on'], 'PUT', '/clusters/demo/hold', undefined],
    [['hold', 'demo', 'off'], 'DELETE', '/clusters/demo/hold', undefined],
    [['hold', 'demo'], 'GET', '/clusters/demo', undefined],
    [['durability', 'demo'], 'GET', '/clusters/demo', undefined],
    [
      ['durability', 'demo', '--acks', 'auto', '--min_in_sync', '1', '--heartbeat_bound', '5s'],
      'PATCH',
      '/clusters/demo',
      { durability: { acks: null, min_in_sync: 1, heartbeat_bound: '5s' } },
    ],
    [['promotion', 'demo'], 'GET', '/clusters/demo', undefined],
    [
      ['promotion', 'demo', 'demo-1', 'never'],
      'PATCH',
      '/clusters/demo',
      { promotion: { 'demo-1': 'never' } },
    ],
  ])('%j', async (argv, method, path, body) => {
    await scripted(() => answer(cluster()));
    expect((await world.run(argv)).code).toBe(0);
    expect(world.asked).toEqual([{ method, path, body }]);
  });

  it.each([
    [['hold', 'demo', 'maybe']],
    [['durability', 'demo', '--acks', 'many']],
    [['durability', 'demo', '--policy', 'fast']],
    [['promotion', 'demo', 'demo-1']],
    [['promotion', 'demo', 'demo-1', 'first']],
    [['create', 'demo', '--user', 'jane', '--min-in-sync', '7']],
  ])('%j is refused without asking anyone', async (argv) => {
    await scripted(() => answer(cluster()));
    expect([(await world.run(argv)).code, world.asked.length]).toEqual([EXIT_CODES.usage.code, 0]);
  });

  it('show what there is', async () => {
    await scripted(() => answer(cluster({ promotion: { 'demo-1': 'prefer' } })));
    expect((await world.run(['durability', 'demo'])).out).toBe(
      'durability lossless  acks 1 (auto)  min_in_sync 0  heartbeat_bound 3s\n',
    );
    expect((await world.run(['promotion', 'demo'])).out).toMatch(/demo-1 {2}replica {2}prefer/);
  });

  it('are asked for with a creation, too', async () => {
    await scripted(() =>
      answer({ ...STARTED, cluster_password: 'p', cluster_url: 'zk://h/p', warnings: [] }),
    );
    await world.run(['create', 'demo', '--user', 'jane', '--policy', 'unsafe_available']);
    expect(world.asked[0]?.body).toMatchObject({ durability: { policy: 'unsafe_available' } });
  });
});

describe('cotton status', () => {
  it('shows what is unusual: hold, durability, generations, errant transactions, transitions', async () => {
    const usual = cluster();
    const [primary, ...replicas] = usual.members;
    const errant = [{ gtids: 'u:1-3', file: 'errant/1.sql', saved_at: '2026-01-02T03:04:05.000Z' }];
    await scripted(() =>
      answer(
        cluster({
          hold: true,
          settled: false,
          durability: { ...usual.durability, min_in_sync: 1 },
          members: [...(primary ? [{ ...primary, errant }] : []), ...replicas],
          in_progress: transition({ id: 't9', outcome: 'running' }),
          transitions: [1, 2, 3, 4].map((n) => transition({ id: `t${n}`, cause: `cause ${n}` })),
        }),
      ),
    );
    const { out } = await world.run(['status', 'demo']);
    expect(out).toContain('HOLD: no automatic failover');
    expect(out).toContain('generation 4 (not settled)');
    expect(out).toContain('ERRANT 1');
    expect(out).toContain('min_in_sync 1');
    expect(out).toContain(
      'errant  demo-0  u:1-3  saved 2026-01-02T03:04:05.000Z in its volume as errant/1.sql',
    );
    expect(out).toContain('now: 2026-01-02T03:04:05.000Z  t9  switchover demo-0 → demo-2  running');
    expect(out).toContain('cause 3');
    expect(out).not.toContain('cause 4');
  });

  it('is quiet about what is usual', async () => {
    await scripted(() => answer(cluster()));
    const { out } = await world.run(['status', 'demo']);
    expect(out).not.toMatch(/HOLD|durability|settled/);
  });
});
