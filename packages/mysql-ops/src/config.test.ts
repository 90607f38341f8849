import { describe, expect, test } from 'vitest';
import { renderConfig, type ServerSettings } from './config.ts';
import { planMemory } from './memory.ts';

const installation = {
  version: '9.7.4',
  mysqld: ['/opt/mysql/bin/mysqld'],
  program: (name: string) => [`/opt/mysql/bin/${name}`],
  basedir: '/opt/mysql',
  pluginDir: '/opt/mysql/lib/plugin',
  messagesDir: '/opt/mysql/share',
};
const data = { volume: '/volume', path: '/volume/data', origin: 'reused' } as const;
const files = { errorLog: '/volume/log/error.log', initFile: '/volume/run/init.sql' };
const settings: ServerSettings = {
  serverId: 7,
  bindAddress: '127.0.0.2',
  port: 31_000,
  bootAckCount: 2,
  memory: planMemory({ taskMb: 512 }),
  diskMb: 2048,
};

const render = (changes: Partial<ServerSettings> = {}) =>
  renderConfig(installation, data, { ...settings, ...changes }, files);

describe('my.cnf', () => {
  test.each([
    'super_read_only = ON',
    'skip_replica_start = ON',
    'gtid_mode = ON',
    'binlog_expire_logs_seconds = 0',
    'sync_binlog = 1',
    'innodb_flush_log_at_trx_commit = 1',
    'relay_log_recovery = OFF',
    'rpl_semi_sync_source_enabled = ON',
    'rpl_semi_sync_replica_enabled = OFF',
    'rpl_semi_sync_source_wait_for_replica_count = 2',
    'bind_address = 127.0.0.2',
    'port = 31000',
    'server_id = 7',
    'datadir = "/volume/data"',
  ])('says %s', (line) => expect(render().split('\n')).toContain(line));

  test('names its socket relative to the data directory', () => {
    expect(render()).toMatch(/^socket = mysqld\.sock$/m);
  });

  test('lets an overlay win over the defaults, and a later overlay over an earlier one', () => {
    const text = render({ overlays: ['[mysqld]\nmax_connections=11', '[mysqld]\nmax_connections=22'] });
    const values = [...text.matchAll(/^max_connections = (\d+)$/gm)].map((match) => Number(match[1]));
    expect(values).toEqual([planMemory({ taskMb: 512 }).maxConnections, 11, 22]);
  });

  test.each([
    [512, ['innodb_redo_log_capacity = 64M', 'max_binlog_size = 16M']],
    [2048, ['innodb_redo_log_capacity = 256M', 'max_binlog_size = 64M']],
    [1024 ** 2, ['innodb_redo_log_capacity = 4096M', 'max_binlog_size = 128M']],
  ])('fits its logs into a disk of %i MB, however much memory there is', (diskMb, lines) => {
    const text = render({ diskMb, memory: planMemory({ taskMb: 65_536 }) }).split('\n');
    expect(text).toEqual(expect.arrayContaining(lines));
  });

  test('has the rules behind the overlays', () => {
    const text = render({ overlays: ['[mysqld]\nsort_buffer_size=1M'] });
    expect(text.indexOf('sort_buffer_size')).toBeLessThan(text.indexOf('super_read_only'));
  });

  test.each([
    { overlays: ['[mysqld]\nsync_binlog=0'] },
    { port: 0 },
    { port: 70_000 },
    { serverId: 0 },
    { serverId: 1.5 },
    { bootAckCount: 0 },
    { bindAddress: 'localhost' },
    { bindAddress: '127.0.0.1\nskip-grant-tables' },
  ])('refuses %j', (changes) => {
    expect(() => render(changes)).toThrow(expect.objectContaining({ code: 'config_refused' }));
  });

  test('escapes what is special in a path', () => {
    const odd = { ...data, path: '/vol ume#1\\x' };
    expect(renderConfig(installation, odd, settings, files)).toContain('datadir = "/vol ume#1\\\\x"');
    const broken = { ...data, path: '/vol\nume' };
    expect(() => renderConfig(installation, broken, settings, files)).toThrow(/cannot hold/);
  });
});
