import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDuration } from '@cotton/api';
import { environmentName, FLAG_NAMES, FLAGS, kindOf } from './flags/list.ts';
import { parseFlags, type SchedulerFlags } from './flags.ts';

let directory: string;
let required: Record<string, string>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cotton-flags-'));
  required = {
    port: '5055',
    mesos_master: 'zk://zk1:2181/mesos',
    framework_user: 'mysql',
    executor_uri: 'hdfs://nn/cotton-executor',
    executor_cmd: './cotton-executor',
    zk_url: 'zk://cotton:p@ss@zk1,zk2:2182/cotton/',
    scheduler_keypath: file('key', 'k'.repeat(32)),
  };
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function args(override: Record<string, string | undefined> = {}): string[] {
  const entries = Object.entries({ ...required, ...override });
  return entries.flatMap(([name, text]) => (text === undefined ? [] : [`--${name}=${text}`]));
}

function accepted(argv: string[], env = {}): SchedulerFlags {
  const outcome = parseFlags(argv, env);
  if (outcome.kind !== 'flags') throw new Error(JSON.stringify(outcome));
  return outcome.flags;
}

function problems(argv: string[], env = {}): string[] {
  const outcome = parseFlags(argv, env);
  return outcome.kind === 'problems' ? outcome.problems.map(({ message }) => message) : [];
}

describe('a command line of the original', () => {
  it('is understood, in its meaning', () => {
    const flags = accepted([
      ...args({
        framework_authentication_file: file('auth.yml', 'principal: cotton\nsecret: 0123\n'),
        executor_environ: '[{"name": "MYSOS_DEFAULTS_FILE", "value": "/etc/my.cnf"}]',
        framework_failover_timeout: '1m',
        framework_role: 'mysos',
        executor_source_prefix: 'vagrant.devcluster',
        admin_keypath: '/etc/admin_keyfile.yml',
        work_dir: '/var/tmp/mysos',
      }),
      '--verbose',
    ]);
    expect(flags).toMatchObject({
      port: 5055,
      bind: '127.0.0.1',
      advertise: '127.0.0.1',
      mesosMaster: 'zk://zk1:2181/mesos',
      zk: { servers: 'zk1:2181,zk2:2182', path: '/cotton', auth: { user: 'cotton', password: 'p@ss' } },
      credentials: { principal: 'cotton', secret: '0123' },
      executorEnviron: [{ name: 'MYSOS_DEFAULTS_FILE', value: '/etc/my.cnf' }],
      frameworkRole: 'mysos',
      frameworkFailoverTimeoutMs: 60_000,
      electionTimeoutMs: 60_000,
      heartbeatBoundMs: 3_000,
      executorSourcePrefix: 'vagrant.devcluster',
      stateStorage: 'zk',
      workDir: '/var/tmp/mysos',
      schedulerKey: Buffer.from('k'.repeat(32)),
      verbose: true,
    });
  });

  it('has the defaults of the original', () => {
    const flags = accepted(args());
    expect(flags.frameworkFailoverTimeoutMs).toBe(14 * 86_400_000);
    expect(flags).toMatchObject({ stateStorage: 'zk', executorSourcePrefix: '', verbose: false });
    expect(flags).toMatchObject({ credentials: undefined, installerArgs: undefined, access: undefined });
  });
});

describe('where values come from', () => {
  it('the environment, all of them', () => {
    const env = Object.fromEntries(
      Object.entries(required).map(([name, text]) => [`COTTON_${name.toUpperCase()}`, text]),
    );
    expect(accepted([], { ...env, COTTON_VERBOSE: 'true' })).toEqual(accepted([...args(), '--verbose']));
  });

  it('the command line before the environment, as --flag value, too', () => {
    expect(accepted([...args({ port: undefined }), '--port', '6000'], { COTTON_PORT: '7000' }).port).toBe(
      6000,
    );
    expect(accepted([...args(), '--no-verbose'], { COTTON_VERBOSE: '1' }).verbose).toBe(false);
  });

  it('a file, for what may be secret', () => {
    const path = file('zk-url', 'zk://u:secret@h/cotton\n');
    expect(accepted(args({ zk_url: `file://${path}` })).zk.auth?.password).toBe('secret');
    expect(problems(args({ zk_url: 'file:///nowhere/at/all' }))[0]).toContain('--zk_url cannot read');
  });

  it('a key with a final line break, or any 32 bytes', () => {
    const bytes = Buffer.concat([Buffer.alloc(31, 0xff), Buffer.from('\n')]);
    expect(accepted(args({ scheduler_keypath: file('binary', bytes) })).schedulerKey).toEqual(bytes);
    expect(
      accepted(args({ scheduler_keypath: file('line', `${'x'.repeat(32)}\n`) })).schedulerKey,
    ).toHaveLength(32);
  });

  it('more URIs for the executor', () =>
    expect(
      accepted(args({ executor_uris: '[{"value": "http://h/mysql.tar.gz", "extract": true}]' })).executorUris,
    ).toEqual([
      {
        value: 'http://h/mysql.tar.gz',
        extract: true,
        executable: false,
        cache: false,
        outputFile: undefined,
      },
    ]));
});

describe('problems', () => {
  it('are all reported together, each with what to do', () => {
    const found = problems(
      [
        '--port=http',
        '--zk-url=x',
        '--nonsense',
        'stray',
        '--zk_url=zk://h',
        '--scheduler_keypath=/nowhere',
        '--election_timeout=soon',
        '--tls_cert=/nowhere.pem',
        '--executor_environ=[{]',
        '--work_dir',
      ],
      { COTTON_STATE_STORAGE: 'memory' },
    );
    expect(found.map((text) => text.split(' ')[0])).toEqual([
      '--zk-url',
      '--nonsense',
      'stray',
      '--work_dir',
      '--port',
      '--tls_cert',
      '--mesos_master',
      '--framework_user',
      '--executor_uri',
      '--executor_cmd',
      '--executor_environ',
      '--zk_url',
      '--election_timeout',
      '--state_storage',
      '--scheduler_keypath',
    ]);
    expect(found[0]).toContain('did you mean --zk_url?');
    expect(found).toContainEqual(expect.stringContaining('--mesos_master is missing.'));
    expect(found).toContainEqual(expect.stringContaining('COTTON_MESOS_MASTER'));
  });

  it.each([
    [{ port: '0' }, 'from 1 to 65535'],
    [{ port: '70000' }, 'from 1 to 65535'],
    [{ bind: 'eth0' }, 'an IP address'],
    [{ advertise: 'http://x' }, 'a host name'],
    [{ mesos_master: 'ftp://x' }, 'must be host:port'],
    [{ mesos_master: 'zk://h' }, 'needs a path'],
    [{ zk_url: 'http://h/x' }, 'must be zk://'],
    [{ zk_url: 'zk://h/a//b' }, 'must be zk://'],
    [{ zk_url: 'zk://zk1:2181/mesos' }, 'is the path of the Mesos masters'],
    [{ framework_role: '*' }, 'cannot be "*"'],
    [{ framework_role: '-x' }, 'not a Mesos role'],
    [{ framework_name: 'my_sql' }, 'a DNS label'],
    [{ framework_failover_timeout: '14' }, 'not a duration'],
    [{ heartbeat_bound: '1s' }, 'must be from'],
    [{ election_timeout: '0s' }, 'must be from'],
    [{ zk_session_timeout: '1d' }, 'must be from'],
    [{ executor_uri: 'executor.zip' }, 'an absolute path'],
    [{ executor_environ: '{"A": "b"}' }, 'a JSON list'],
    [{ executor_environ: '[{"name": "A"}]' }, '"name"'],
    [{ executor_environ: '[{"name":"A","value":"1"},{"name":"A","value":"2"}]' }, 'twice'],
    [{ executor_uris: '[{"value": "/x", "output_file": "../x"}]' }, '"output_file"'],
    [{ executor_uris: '[{"value": "/x", "mode": 7}]' }, 'in each item'],
    [{ state_storage: 'disk' }, 'zk or local'],
    [{ scheduler_keypath: tmpdir() }, 'it is a directory'],
    [{ framework_authentication_file: '/nowhere' }, 'there is no such file'],
    [{ access_file: '/nowhere' }, 'there is no such file'],
    [{ tls_cert: '/nowhere', tls_key: '/nowhere' }, 'there is no such file'],
    [{ verbose: 'loud' }, 'is a switch'],
  ])('%j: %s', (override, message) => {
    const found = problems(args(override as Record<string, string>));
    expect(found[0]).toContain(`--${Object.keys(override)[0]} `);
    expect(found[0]).toContain(message);
  });

  it('a key of the wrong length', () =>
    expect(problems(args({ scheduler_keypath: file('short', 'x'.repeat(31)) }))).toEqual([
      expect.stringContaining('must be exactly 32 bytes long, and has 31'),
    ]));

  it.each(['- a', 'principal: a', 'secret: hunter2', 'principal: [a]\nsecret: hunter2', 'secret: "hunter2'])(
    'a credentials file with %j, without quoting it',
    (text) => {
      const found = problems(args({ framework_authentication_file: file('bad-auth', text) }));
      expect(found).toHaveLength(1);
      expect(found[0]).not.toContain('hunter2');
    },
  );

  it('the same flag twice', () => {
    expect(problems([...args(), '--port=6000'])).toEqual([expect.stringContaining('given twice')]);
    expect(problems([...args(), '--verbose', '--no-verbose'])).toEqual([
      expect.stringContaining('given twice'),
    ]);
    expect(problems([...args(), '--port=5055'])).toEqual([]);
  });

  it('never quotes a secret', () => {
    const found = problems(args({ zk_url: 'zk://u:hunter2@/x', mesos_master: 'http://u:hunter2@h' }));
    expect(found).toHaveLength(2);
    expect(found.join()).not.toContain('hunter2');
  });
});

describe('warnings', () => {
  const warnings = (argv: string[], env = {}) => {
    const outcome = parseFlags(argv, env);
    return outcome.kind === 'flags' ? outcome.warnings : [];
  };

  it('about a password in the process list', () => {
    expect(warnings(args())).toEqual([expect.stringContaining('--zk_url holds a password')]);
    expect(warnings(args({ zk_url: undefined }), { COTTON_ZK_URL: required.zk_url })).toEqual([]);
  });

  it.each(['admin_keypath', 'backup_store_args'])('about --%s, which has no effect', (name) =>
    expect(warnings(args({ zk_url: 'zk://h/c', [name]: '/etc/key' }))).toEqual([
      expect.stringContaining(`--${name} has no effect`),
    ]),
  );

  it('about serving everybody', () =>
    expect(warnings(args({ bind: '0.0.0.0', zk_url: 'zk://h/c' }))).toEqual([
      expect.stringContaining('without --access_file'),
      expect.stringContaining('without --tls_cert'),
    ]));
});

it('the result cannot be changed', () => {
  const flags = accepted(args());
  expect(Object.isFrozen(flags)).toBe(true);
  expect(Object.isFrozen(flags.zk.auth)).toBe(true);
});

it.each([
  ['14d', 1_209_600_000],
  ['60s', 60_000],
  ['1h30m', 5_400_000],
  ['6secs', 6_000],
  ['10mins', 600_000],
  ['1.5hrs', 5_400_000],
  ['2weeks', 1_209_600_000],
  ['250ms', 250],
  ['', undefined],
  ['10', undefined],
  ['-1s', undefined],
  ['5 parsecs', undefined],
])('the duration %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

describe('what is written about flags', () => {
  it('--help names them all', () => {
    const outcome = parseFlags(['--help'], {});
    const text = outcome.kind === 'help' ? outcome.text : '';
    for (const name of FLAG_NAMES) expect(text).toMatch(new RegExp(`--(\\[no-\\])?${name}\\b`));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('docs/reference/flags.md lists them as the code does', () => {
    const page = readFileSync(new URL('../../../docs/reference/flags.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `--'));
    const cells = rows.map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
    expect(cells).toEqual(
      FLAG_NAMES.map((name) => {
        const { value, default: fallback, meaning } = kindOf(name);
        const flag = value === undefined ? `\`--[no-]${name}\`` : `\`--${name}=${value}\``;
        return [flag, fallback === '' || fallback === 'required' ? fallback : `\`${fallback}\``, meaning];
      }),
    );
  });

  it('every name is one', () => {
    for (const name of FLAG_NAMES) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(environmentName('zk_url')).toBe('COTTON_ZK_URL');
    expect(Object.keys(FLAGS)).toHaveLength(new Set(FLAG_NAMES).size);
  });
});
