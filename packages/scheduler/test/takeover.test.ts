import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEDULER_EXIT_CODES } from '@cotton/api';
import { until } from '@cotton/setup';
import {
  Installation,
  isSubscribed,
  leads,
  LONG_SESSION_MS,
  SESSION_MS,
  type Scheduler,
} from './installation.ts';

const DEAD = { mysqld: 'down', role: 'none', lead: null } as const;
const DEAF = { epoch: 1, source: 'demo-0', attached: false, caughtUp: true, hears: false, lags: false };

let installation: Installation;
afterEach(() => installation.stop());

async function ask(scheduler: Scheduler, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${scheduler.url}${path}`, {
    method,
    redirect: 'manual',
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
}

/** The one that leads now, of these. */
async function leaderOf(schedulers: Scheduler[]): Promise<Scheduler> {
  let leader: Scheduler | undefined;
  await until(async () => {
    for (const one of schedulers) if (await leads(one)) leader = one;
    return leader !== undefined;
  });
  return leader as Scheduler;
}

describe('of several schedulers', () => {
  beforeEach(async () => {
    installation = await Installation.start();
  });

  it('one leads, and the others send to it, also a switchover', async () => {
    const [leader, ...standbys] = [
      await installation.scheduler(),
      await installation.scheduler(),
      await installation.scheduler(),
    ];
    await until(() => leads(leader));
    for (const standby of standbys) {
      await until(async () => (await ask(standby, 'GET', '/clusters')).status === 307);
      const answer = await ask(standby, 'POST', '/clusters/demo/switchover', { to: 'demo-1' });
      expect([answer.status, answer.headers.get('location')]).toEqual([
        307,
        `${leader.url}/clusters/demo/switchover`,
      ]);
      expect(await leads(standby)).toBe(false);
    }
    expect((await (await ask(leader, 'GET', '/clusters/demo')).json()) as object).toMatchObject({
      state: 'HEALTHY',
    });
  });

  it('another one takes over from a killed leader, in the middle of an election, and ends it', async () => {
    const leader = await installation.scheduler();
    const standbys = [await installation.scheduler(), await installation.scheduler()];
    await until(() => leads(leader));
    await installation.say('demo-0', DEAD);
    await until(async () => (await installation.record()).phase === 'electing');
    leader.child.kill('SIGKILL');
    await installation.obeyUntil(
      ['demo-1', 'demo-2'],
      ({ phase, openedAtMs }) => phase === 'steady' && openedAtMs !== null,
    );
    expect(await installation.record()).toMatchObject({ epoch: 2, primary: { instance: 'demo-1' } });
    const next = await leaderOf(standbys);
    const { transitions } = (await (await ask(next, 'GET', '/clusters/demo')).json()) as {
      transitions: object[];
    };
    expect(transitions[0]).toMatchObject({ kind: 'failover', from: 'demo-0', to: 'demo-1', outcome: 'ok' });
  });

  it('a frozen leader that wakes up writes nothing more, leaves Mesos to the next one, and exits', async () => {
    await installation.withMesos();
    const leader = await installation.scheduler();
    const standby = await installation.scheduler();
    await until(() => isSubscribed(leader));
    leader.child.kill('SIGSTOP');
    await until(() => isSubscribed(standby));
    expect((await ask(standby, 'PUT', '/clusters/demo/hold')).status).toBe(200);
    await installation.say('demo-0', DEAD);
    // Not under hold: only a leader that does not know of it would elect.
    const before = await installation.stored();
    expect(before.record.phase).toBe('steady');
    leader.child.kill('SIGCONT');
    expect(await leader.ended).toBe(SCHEDULER_EXIT_CODES.leadership.code);
    expect(await installation.stored()).toEqual(before);
    expect(await isSubscribed(standby)).toBe(true);
    expect(standby.child.exitCode).toBeNull();
  });
});

describe('a ZooKeeper that was restored from an old copy, and kept the session', () => {
  beforeEach(async () => {
    installation = await Installation.start(3);
  });

  it('is noticed at once by the leader, which stands down; the next one asks everybody', async () => {
    const leader = await installation.scheduler(LONG_SESSION_MS);
    const standby = await installation.scheduler(LONG_SESSION_MS);
    await until(() => leads(leader));
    await installation.saveZooKeeper();
    await installation.say('demo-0', DEAD);
    await until(async () => (await installation.record()).phase === 'electing');
    await installation.obeyUntil(
      ['demo-0', 'demo-1', 'demo-2'],
      ({ phase, openedAtMs }) => phase === 'steady' && openedAtMs !== null,
    );
    await installation.restoreZooKeeper();
    expect(await leader.ended).toBe(SCHEDULER_EXIT_CODES.leadership.code);
    await until(async () => (await leader.log()).includes('restored from an old copy'));
    await until(() => leads(standby));
    // As executors do on every new connection.
    for (const id of ['demo-0', 'demo-1', 'demo-2']) await installation.sayAgain(id);
    await until(async () => (await installation.record()).epoch === 3);
    expect(await installation.record()).toMatchObject({
      phase: 'electing',
      election: { everyone: true, cause: 'ZooKeeper was restored from an old copy' },
    });
  });

  it('is no reason to stand down when nothing was written since', async () => {
    const leader = await installation.scheduler(LONG_SESSION_MS);
    await until(() => leads(leader));
    expect((await ask(leader, 'PUT', '/clusters/demo/hold')).status).toBe(200);
    await installation.saveZooKeeper();
    const before = await installation.stored();
    await installation.restoreZooKeeper();
    expect((await ask(leader, 'DELETE', '/clusters/demo/hold')).status).toBe(200);
    expect((await installation.stored()).version).toBe(before.version + 1);
    // Longer than it takes to look and to stand down.
    await sleep(2_000);
    expect(await leads(leader)).toBe(true);
  });
});

describe('a scheduler that has just come', () => {
  beforeEach(async () => {
    installation = await Installation.start();
  });

  it('takes a missing status for a loss only when it has been connected for a session timeout', async () => {
    await installation.vanish('demo-0');
    for (const id of ['demo-1', 'demo-2']) await installation.say(id, { replication: DEAF });
    const one = await installation.scheduler();
    const startedAt = performance.now();
    await until(() => leads(one));
    let sawSteady = 0;
    await until(async () => {
      const { phase } = await installation.record();
      if (phase === 'steady') sawSteady = performance.now() - startedAt;
      return phase === 'electing';
    });
    expect(sawSteady).toBeGreaterThan(SESSION_MS / 2);
  });

  it('leaves a primary alone whose replicas hear it, though its own session is gone', async () => {
    const leader = await installation.scheduler();
    await until(() => leads(leader));
    await installation.vanish('demo-0');
    await sleep(2 * SESSION_MS);
    expect((await installation.record()).phase).toBe('steady');
    expect((await (await ask(leader, 'GET', '/clusters/demo')).json()) as object).toMatchObject({
      state: 'DEGRADED',
      reason: expect.stringContaining('cut off from ZooKeeper'),
    });
  });
});
