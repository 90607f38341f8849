import { expect, test } from 'vitest';
import { readOverlay } from './overlay.ts';
import { RULES } from './rules.ts';

const refused = (line: string) => readOverlay(`[mysqld]\n${line}\n`).problems;

test('settings of the group [mysqld] are read, however they are spelled', () => {
  const text =
    '# mine\n; too\n[mysqld]\n\nMax-Connections = 50\r\nsql_mode="A,B" # no comment of ours\nskip_show_database\n';
  expect(readOverlay(text)).toEqual({
    settings: [
      { name: 'max_connections', value: '50' },
      { name: 'sql_mode', value: '"A,B" # no comment of ours' },
      { name: 'skip_show_database' },
    ],
    problems: [],
  });
});

test.each(RULES.map((rule) => rule.name))('%s belongs to Cotton', (name) => {
  expect(refused(`${name} = 1`)).toMatchObject([{ line: 2, setting: name }]);
});

test.each([
  'skip-log-bin',
  'skip_log_bin',
  'loose-skip-log-bin',
  'disable_log_bin',
  'LOG-BIN=OFF',
  'loose_super_read_only=0',
  'rpl-semi-sync-source-wait-for-replica-count=0',
  'datadir=/tmp',
  'port = 1',
  'bind-address = 0.0.0.0',
  'server_id=1',
  'socket=/tmp/x',
  'init-file=/etc/passwd',
  'plugin-load=x.so',
  'read_only=0',
  'replicate-do-db=x',
  'binlog-ignore-db=x',
  'replica_skip_errors=all',
  'slave-skip-errors=all',
  'skip-grant-tables',
  'innodb_force_recovery=6',
  'lower_case_table_names=1',
  'secure-file-priv=/',
  'maximum_port=1',
])('%s is refused, with a reason', (line) => {
  const [problem] = refused(line);
  expect(problem?.reason.length).toBeGreaterThan(10);
});

test.each(['!include /etc/my.cnf', '!includedir /etc', '= 5', 'a b = 5', 'x\u0000y=1', '[mysqld', 'ünï=1'])(
  '%j is not a setting',
  (line) => expect(refused(line)).toHaveLength(1),
);

test('other groups are refused, not ignored', () => {
  expect(readOverlay('[client]\nuser=x\n').problems).toMatchObject([{ line: 2 }]);
  expect(readOverlay('user=x\n').problems).toMatchObject([{ line: 1 }]);
});

test('an endless text is cut short', () => {
  const { settings, problems } = readOverlay(`[mysqld]\n${'wait_timeout=1\n'.repeat(5000)}`);
  expect(settings.length).toBeLessThan(2000);
  expect(problems).toHaveLength(1);
});
