/**
 * The settings that Cotton owns: docs/clustering.md stands on them. A user's my.cnf that names one of these, or one
 * of `REFUSED`, is turned down with the reason given here; the rules are also rendered last, so that they win.
 */
export interface Rule {
  name: string;
  value: string;
  why: string;
}

const SEMI_SYNC_TIMEOUT_MAX_MS = '4294967295';

export const RULES: readonly Rule[] = [
  { name: 'super_read_only', value: 'ON', why: 'only a promotion opens an instance for writes' },
  {
    name: 'offline_mode',
    value: 'ON',
    why: 'clients must not take the connections before administration has its own',
  },
  {
    name: 'skip_replica_start',
    value: 'ON',
    why: 'replication starts when the epoch was compared, not at boot',
  },
  { name: 'event_scheduler', value: 'OFF', why: 'events run on the primary only; promotion turns them on' },
  { name: 'gtid_mode', value: 'ON', why: 'positions are compared as GTID sets' },
  { name: 'enforce_gtid_consistency', value: 'ON', why: 'positions are compared as GTID sets' },
  { name: 'log_bin', value: 'binlog', why: 'every instance may become the primary' },
  { name: 'log_replica_updates', value: 'ON', why: 'every instance may become the primary' },
  { name: 'sync_binlog', value: '1', why: 'an acknowledged write must survive a crash of the primary' },
  { name: 'innodb_flush_log_at_trx_commit', value: '1', why: 'an acknowledged write must survive a crash' },
  {
    name: 'disabled_storage_engines',
    value: 'MyISAM,MRG_MyISAM,CSV,ARCHIVE,BLACKHOLE,FEDERATED,MEMORY',
    why: "only InnoDB's tables survive a crash and are copied with what a GTID set says they hold",
  },
  { name: 'innodb_doublewrite', value: 'ON', why: 'a torn page must not cost the data' },
  { name: 'relay_log', value: 'relay', why: 'relay logs stay in the data directory' },
  { name: 'relay_log_recovery', value: 'OFF', why: 'ON throws acknowledged transactions away at a restart' },
  {
    name: 'replicate_same_server_id',
    value: 'ON',
    why: 'an instance seeded anew must take back what it wrote in its former life under the same server id',
  },
  { name: 'replica_preserve_commit_order', value: 'ON', why: 'a GTID set must have no gaps to be compared' },
  {
    name: 'rpl_semi_sync_source_enabled',
    value: 'ON',
    why: 'a restart that nobody noticed must not acknowledge alone',
  },
  { name: 'rpl_semi_sync_source_timeout', value: SEMI_SYNC_TIMEOUT_MAX_MS, why: 'no silent degradation' },
  { name: 'rpl_semi_sync_source_wait_no_replica', value: 'ON', why: 'no silent degradation' },
  {
    name: 'rpl_semi_sync_source_wait_point',
    value: 'AFTER_SYNC',
    why: 'nobody may read what a failover can lose',
  },
  { name: 'rpl_semi_sync_replica_enabled', value: 'OFF', why: 'only an in-sync replica may acknowledge' },
  { name: 'partial_revokes', value: 'ON', why: "the cluster's user may not change MySQL's own tables" },
  { name: 'skip_name_resolve', value: 'ON', why: 'a slow name server must not stop logins' },
  { name: 'secure_file_priv', value: 'NULL', why: "no account reads or writes the host's files" },
  { name: 'performance_schema', value: 'ON', why: 'semi-sync and the progress of CLONE are read from it' },
  { name: 'mysqlx', value: 'OFF', why: 'its port is not among those offered to the task' },
];

/** Settings rendered from the task and its volume; `config.ts` gives their values. */
const GIVEN: readonly [pattern: RegExp, why: string][] = [
  [
    /^(datadir|basedir|tmpdir|socket|pid_file|log_error|plugin_dir|lc_messages_dir)$/,
    'the place is given by the task',
  ],
  [/^(port|bind_address|server_id|server_uuid)$/, 'given by the task'],
  [
    /^(user|chroot|daemonize|initialize(_insecure)?|defaults_.*|no_defaults)$/,
    'the process is run by the executor',
  ],
];

const DANGEROUS: readonly [pattern: RegExp, why: string][] = [
  [/^(init_file|plugin_load|early_plugin_load)$/, 'used by Cotton'],
  [/^(read_only|transaction_read_only)$/, 'roles are given by the scheduler'],
  [/^rpl_semi_sync_/, 'acknowledgements are counted by Cotton'],
  [/^(gtid_|binlog_gtid_|log_bin)/, 'positions are compared as GTID sets'],
  [
    /^(binlog_format|binlog_error_action|binlog_(do|ignore)_db)$/,
    'replicas must receive every change, as rows',
  ],
  [/^replicate_/, 'replicas must apply every change'],
  [
    /^(replica|slave)_(skip_errors|exec_mode|type_conversions|net_timeout|sql_verify_checksum)$/,
    'replicas must not drift',
  ],
  [/^relay_log/, 'received transactions must survive a restart'],
  [/^(group_replication|mysqlx|admin_|create_admin)/, 'not part of how Cotton runs MySQL'],
  [
    /^(skip_grant_tables|skip_networking|skip_log_bin|skip_name_resolve)$/,
    'the instance could not be administered',
  ],
  [
    /^innodb_(force_recovery|read_only|data_home_dir|log_group_home_dir|undo_directory|directories)$/,
    'the data belongs in the volume, whole and writable',
  ],
  [
    /^innodb_(data_file_path|temp_data_file_path|page_size|checksum_algorithm|fast_shutdown)$/,
    'fixed when the data directory is made',
  ],
  [/^lower_case_table_names$/, 'fixed when the data directory is made'],
  [
    /^(secure_file_priv|local_infile_dir|tmp_dir|slave_load_tmpdir|replica_load_tmpdir)$/,
    "the host's files are out of reach",
  ],
];

/** Why a user's my.cnf may not set `name` (lower case, underscores, no `loose_` or `skip_` prefix); undefined: it may. */
export function refusal(name: string): string | undefined {
  const rule = RULES.find((r) => r.name === name);
  return rule?.why ?? [...GIVEN, ...DANGEROUS].find(([pattern]) => pattern.test(name))?.[1];
}
