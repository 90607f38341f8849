import { ERRORS, type ErrorCode } from '@cotton/api';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '@cotton/api';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { answer, cluster, refusal, World, type Answer, type Asked } from './testing.ts';

let world: World;
afterEach(() => world.close());

async function scripted(script: (asked: Asked, count: number) => Answer): Promise<World> {
  world = await World.create(script);
  return world;
}

const made = {
  cluster_url: 'zk://h:2181/cotton/discover/demo',
  cluster_password: 'sëcret"',
  uid: 'abcdefabcdef',
  name: 'demo',
  warnings: [],
};
const credentialsPath = () => join(world.home, '.config/cotton/credentials.json');

describe('cotton create', () => {
  it('sends the request and keeps the password for its owner alone', async () => {
    await scripted(() => answer(made));
    const { code, out, err } = await world.run([
      'create',
      'demo',
      '--user',
      'jane',
      '-n',
      '3',
      '--mem',
      '1gb',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(world.asked).toEqual([
      {
        method: 'POST',
        path: '/clusters/demo',
        body: { cluster_user: 'jane', num_nodes: 3, size: { cpus: 1, mem: '1gb', disk: '2gb' } },
      },
    ]);
    expect(out).toContain('zk://h:2181/cotton/discover/demo');
    expect(out).not.toContain('sëcret');
    expect((await stat(credentialsPath())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(credentialsPath(), 'utf8'))).toEqual({
      format: 1,
      clusters: [{ api: [world.url], uid: 'abcdefabcdef', name: 'demo', user: 'jane', password: 'sëcret"' }],
    });
  });

  it('shows the password where it cannot be kept', async () => {
    await scripted(() => answer(made));
    await writeFile(join(world.home, '.config'), 'in the way');
    const { code, out, err } = await world.run(['create', 'demo', '--user', 'jane']).catch((error) => error);
    // The settings cannot be read either: nothing may be created then.
    expect({ code, asked: world.asked.length, out }).toEqual({ code: 2, asked: 0, out: '' });
    expect(err).toContain('Cannot read');
  });

  it('shows the password where the credentials file is damaged', async () => {
    await scripted(() => answer(made));
    await mkdir(join(world.home, '.config/cotton'), { recursive: true });
    await writeFile(credentialsPath(), 'not json');
    const { code, out, err } = await world.run(['create', 'demo', '--user', 'jane']);
    expect(code).toBe(0);
    expect(out).toContain('sëcret"');
    expect(err).toContain('could not be kept');
  });

  it('takes a password from a file, and no other way', async () => {
    await scripted(() => answer(made));
    const file = join(world.home, 'password');
    await writeFile(file, ' p w\n');
    await world.run(['create', 'demo', '--user', 'jane', '--password_file', file]);
    expect(world.asked[0]!.body).toMatchObject({ cluster_password: ' p w' });
    expect((await world.run(['create', 'demo', '--user', 'jane', '--password', 'x'])).code).toBe(2);
  });

  it.each([
    [['--num_nodes', '2; drop'], 'num_nodes'],
    [['--num_nodes', '0'], 'num_nodes'],
    [['--mem', '512'], 'no unit'],
    [['--user', 'root'], 'belongs to MySQL'],
    [['--timeout', 'soon'], 'seconds'],
  ])('refuses %j without asking anyone', async (options, why) => {
    await scripted(() => answer(made));
    const { code, err } = await world.run(['create', 'demo', '--user', 'jane', ...options]);
    expect({ code, asked: world.asked.length }).toEqual({ code: 2, asked: 0 });
    expect(err).toContain(why);
  });

  it('changes nothing in a dry run', async () => {
    await scripted(() => refusal('cluster_not_found'));
    const { code, out } = await world.run(['create', 'demo', '--user', 'jane', '--dry_run', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      dry_run: true,
      name: 'demo',
      num_nodes: 1,
      password: 'generated',
    });
    expect(world.asked.map(({ method }) => method)).toEqual(['GET']);
  });

  it('waits until every member serves', async () => {
    const states = [cluster({ state: 'CREATING', primary: null }), cluster()];
    await scripted(({ method }) => (method === 'POST' ? answer(made) : answer(states.shift())));
    const { code, err } = await world.run(['create', 'demo', '--user', 'jane', '--wait', '--progress']);
    expect(code).toBe(0);
    expect(err).toMatch(/\[\d+\.\d s\] CREATING {2}3 of 3 members serve/);
  });
});

describe('cotton list and status', () => {
  it('lists in a table or as JSON', async () => {
    const list = { clusters: [cluster()], mesos: { stand_in: true } };
    await scripted(() => answer(list));
    const { out } = await world.run(['list']);
    expect(out).toMatch(/^NAME +STATE +MEMBERS/);
    expect(out).toMatch(/demo +HEALTHY +3\/3 +demo-0/);
    expect(out).toContain('stand-in');
    expect(JSON.parse((await world.run(['list', '--json'])).out)).toEqual(list);
  });

  it('draws the topology under a verdict', async () => {
    await scripted(() => answer(cluster()));
    const { out } = await world.run(['status', 'demo']);
    expect(out).toContain('AVAILABLE yes  HEALTHY yes  PRIMARY demo-0  SYNCED 2/2  ERRANT 0');
    expect(out).toMatch(/● {2}demo-0 {2}primary {2}RUNNING/);
    expect(out).toMatch(/├─ demo-1 {2}replica {2}RUNNING {2}in sync {2}127\.0\.0\.3:31000/);
    expect(out).toMatch(/└─ demo-2/);
  });

  it('prints no control characters from elsewhere', async () => {
    await scripted(() => answer(cluster({ reason: 'a\u001b[2Jb\u009bc' })));
    expect((await world.run(['status', 'demo'])).out).not.toMatch(/[\u001b\u009b]/);
  });
});

describe('cotton scale', () => {
  it('patches num_nodes', async () => {
    await scripted(() => answer(cluster({ num_nodes: 5 })));
    expect((await world.run(['scale', 'demo', '5'])).code).toBe(0);
    expect(world.asked).toEqual([{ method: 'PATCH', path: '/clusters/demo', body: { num_nodes: 5 } }]);
  });

  it('shows the plan of the scheduler in a dry run', async () => {
    const plan = {
      dry_run: true,
      num_nodes: { from: 3, to: 2 },
      add: [],
      remove: ['demo-2'],
      steps: ['stop demo-2'],
    };
    await scripted(() => answer(plan));
    const { out } = await world.run(['scale', 'demo', '2', '--dry_run']);
    expect(out).toBe('Would scale demo from 3 to 2. Nothing was changed.\n- stop demo-2\n');
    expect(world.asked).toEqual([
      { method: 'PATCH', path: '/clusters/demo?dry_run=true', body: { num_nodes: 2 } },
    ]);
  });
});

describe('cotton delete', () => {
  it('uses the kept password of this very cluster, then forgets it', async () => {
    await scripted(({ method }) => (method === 'GET' ? answer(cluster()) : answer(made)));
    await world.run(['create', 'demo', '--user', 'jane']);
    expect((await world.run(['delete', 'demo'])).code).toBe(0);
    expect(world.asked.at(-1)).toEqual({
      method: 'DELETE',
      path: '/clusters/demo',
      body: { password: 'sëcret"' },
    });
    expect(JSON.parse(await readFile(credentialsPath(), 'utf8')).clusters).toEqual([]);
  });

  it('keeps the password when the scheduler refuses', async () => {
    await scripted(({ method }) =>
      method === 'POST' ? answer(made) : method === 'GET' ? answer(cluster()) : refusal('wrong_password'),
    );
    await world.run(['create', 'demo', '--user', 'jane']);
    expect((await world.run(['delete', 'demo'])).code).toBe(EXIT_CODES.refused.code);
    expect(JSON.parse(await readFile(credentialsPath(), 'utf8')).clusters).toHaveLength(1);
  });

  it('never sends the password of a predecessor, nor to another scheduler', async () => {
    await scripted(({ method }) =>
      method === 'GET' ? answer(cluster({ uid: 'otherotherot' })) : answer(made),
    );
    await world.run(['create', 'demo', '--user', 'jane']);
    const { code, err } = await world.run(['delete', 'demo']);
    expect(code).toBe(EXIT_CODES.refused.code);
    expect(err).toContain('--password-file');
    const other = await World.create(({ method }) => (method === 'GET' ? answer(cluster()) : answer(made)));
    expect((await world.run(['delete', 'demo', '--api', other.url])).code).toBe(EXIT_CODES.refused.code);
    expect(other.asked.map(({ method }) => method)).toEqual(['GET']);
    await other.close();
  });

  it('asks a person for the password, and whether it is meant', async () => {
    await scripted(({ method }) => (method === 'GET' ? answer(cluster()) : answer(made)));
    const person = { secret: 'typed', answer: 'demo' };
    expect((await world.run(['delete', 'demo'], {}, { secret: 'typed', answer: 'dem' })).code).toBe(130);
    expect((await world.run(['delete', 'demo'], {}, { answer: 'demo' })).code).toBe(130);
    expect(world.asked.map(({ method }) => method)).toEqual(['GET', 'GET']);
    expect((await world.run(['delete', 'demo'], {}, person)).code).toBe(0);
    expect((await world.run(['delete', 'demo', '--yes'], {}, { secret: 'typed' })).code).toBe(0);
    expect(world.asked.at(-1)).toMatchObject({ method: 'DELETE', body: { password: 'typed' } });
  });

  it('waits until nothing is left', async () => {
    let gets = 0;
    await scripted(({ method }) => {
      if (method === 'POST' || method === 'DELETE') return answer(made);
      gets++;
      return gets < 3
        ? answer(cluster({ state: gets === 1 ? 'HEALTHY' : 'DELETING' }))
        : refusal('cluster_not_found');
    });
    await world.run(['create', 'demo', '--user', 'jane']);
    expect((await world.run(['delete', 'demo', '--wait', '--json'])).code).toBe(0);
    expect(gets).toBe(3);
  });
});

describe('cotton wait', () => {
  it('ends when time is up', async () => {
    await scripted(() => answer(cluster({ state: 'BLOCKED', reason: 'waits for demo-1' })));
    const { code, err } = await world.run(['wait', 'demo', '--timeout', '0.7']);
    expect(code).toBe(EXIT_CODES.timeout.code);
    expect(err).toContain('BLOCKED  waits for demo-1');
  });

  it('takes a recreated cluster for the deletion of the one it waited for', async () => {
    await scripted((_, count) =>
      answer(cluster({ uid: count === 1 ? 'first' : 'second', state: 'DELETING' })),
    );
    expect((await world.run(['wait', 'demo', '--for', 'deleted'])).code).toBe(0);
  });

  it.each([
    ['healthy', 0],
    ['writable', 0],
    ['nonsense', 2],
  ])('for %s ends with %d', async (goal, code) => {
    await scripted(() => answer(cluster()));
    expect((await world.run(['wait', 'demo', '--for', goal])).code).toBe(code);
  });

  it('says that there is nothing to wait for', async () => {
    await scripted(() => refusal('cluster_not_found'));
    expect((await world.run(['wait', 'demo'])).code).toBe(EXIT_CODES.not_found.code);
  });
});

describe('exit codes', () => {
  it.each([
    [['status', 'demo'], 'cluster_not_found', 3],
    [['status', 'demo'], 'unauthorised', 5],
    [['create', 'demo', '--user', 'jane'], 'cluster_exists', 7],
    [['create', 'demo', '--user', 'jane'], 'reserved_cluster_name', 2],
    [['list'], 'internal_error', 1],
  ] as const)('%j refused with %s ends with %d', async (argv, reason, expected) => {
    await scripted(() => refusal(reason));
    const { code, err } = await world.run([...argv, '--json']);
    expect(code).toBe(expected);
    expect(JSON.parse(err)).toEqual({ error: { code: reason, message: `because of ${reason}` } });
  });

  it('is known for every error of the API', async () => {
    await scripted(() => answer({}));
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const exit = exitCodeOf(new ApiError(code, ''));
      expect(exit, code).toBeGreaterThan(0);
      // "unreachable" means that trying again helps; "usage" that it does not.
      expect(exit === EXIT_CODES.unreachable.code, code).toBe(ERRORS[code].status === 503);
    }
  });

  it('needs to know a scheduler, a command and no more', async () => {
    await scripted(() => answer({}));
    expect((await world.run(['list'], { COTTON_API: '' })).err).toContain('No scheduler is known');
    expect((await world.run(['list', 'too', 'much'])).code).toBe(2);
    expect((await world.run(['frobnicate'])).code).toBe(2);
    expect((await world.run(['list', '--api', 'http://user:pw@h:1'])).err).toContain(
      'must not hold credentials',
    );
    expect((await world.run(['--help'])).code).toBe(0);
  });

  it('is documented', async () => {
    await scripted(() => answer({}));
    const page = await readFile(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8');
    const section = page.split('\n## Exit codes\n')[1]!.split('\n## ')[0]!;
    const rows = section.split('\n').filter((line) => /^\| \d/.test(line));
    const cells = rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    expect(cells).toEqual(Object.values(EXIT_CODES).map(({ code, meaning }) => [String(code), meaning]));
  });
});

describe('completion', () => {
  it('offers commands, options and clusters', async () => {
    await scripted(() => answer({ clusters: [cluster()] }));
    expect((await world.run(['__complete', '--', 'st'])).out).toBe('status\n');
    expect((await world.run(['__complete', '--', 'status', ''])).out).toBe('demo\n');
    expect((await world.run(['__complete', '--', 'delete', '--pass'])).out).toBe('--password-file\n');
    expect((await world.run(['__complete', '--', 'completion', ''])).out).toBe('bash\nzsh\nfish\n');
    expect((await world.run(['completion', 'tcsh'])).code).toBe(2);
  });
});
