import { describe, expect, it } from 'vitest';
import { handMadeConfig, readSettings } from './my-cnf.ts';

const COTTONS = `[mysqld]
# defaults: an overlay may change these
sync_relay_log = 0
innodb_buffer_pool_size = 64M
performance_schema_instrument = '%=OFF'
# rules
super_read_only = ON
sync_binlog = 1
rpl_semi_sync_source_enabled = ON
# given by the task
basedir = "/opt/mysql/usr"
datadir = "/volume/data"
plugin_load_add = semisync_source.so
port = 31000
`;

describe('my.cnf of a server set up by hand', () => {
  it('keeps memory and durability, and drops role, place and identity', () => {
    const text = handMadeConfig(COTTONS, [
      ['port', '3306'],
      ['datadir', '"/elsewhere"'],
    ]);
    expect(readSettings(text)).toEqual([
      ['sync_relay_log', '0'],
      ['innodb_buffer_pool_size', '64M'],
      ['performance_schema_instrument', "'%=OFF'"],
      ['sync_binlog', '1'],
      ['basedir', '"/opt/mysql/usr"'],
      ['port', '3306'],
      ['datadir', '"/elsewhere"'],
    ]);
  });

  it('reads settings without a value, and values with an equals sign', () => {
    expect(readSettings("skip_log_bin\ninit_connect = 'SET a=1'")).toEqual([
      ['skip_log_bin'],
      ['init_connect', "'SET a=1'"],
    ]);
  });
});
