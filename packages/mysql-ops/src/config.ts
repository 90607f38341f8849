import { isIP } from 'node:net';
import { join } from 'node:path';
import type { DataDirectory } from './data-directory.ts';
import { MysqlOpsError } from './error.ts';
import type { MysqlInstallation } from './installation.ts';
import { planDisk } from './disk.ts';
import type { MemoryPlan } from './memory.ts';
import { requireOverlay } from './overlay.ts';
import { RULES } from './rules.ts';

export interface ServerSettings {
  serverId: number;
  /** The address that the agent advertises, as an IP address. */
  bindAddress: string;
  port: number;
  /** Acknowledgements a commit waits for from boot on, until `openForWrites` says otherwise. At least 1. */
  bootAckCount: number;
  memory: MemoryPlan;
  /** The task's `disk`, in MiB. */
  diskMb: number;
  /** my.cnf texts, later ones win: the organisation's, then the cluster's. */
  overlays?: string[];
}

/** Relative, because mysqld works in its data directory and a socket's path may have only 107 bytes. */
export const SOCKET = 'mysqld.sock';

export interface ConfigFiles {
  errorLog: string;
  /** Statements that mysqld runs before it listens. */
  initFile: string;
}

type Line = readonly [name: string, value?: string];

/**
 * Renders my.cnf. Precedence, later wins: Cotton's defaults, the overlays in their order, Cotton's rules.
 * @throws MysqlOpsError `config_refused` when an overlay names a setting that Cotton owns
 */
export function renderConfig(
  installation: MysqlInstallation,
  data: DataDirectory,
  settings: ServerSettings,
  files: ConfigFiles,
): string {
  const overlays = (settings.overlays ?? []).flatMap(requireOverlay);
  const sections: [title: string, lines: Line[]][] = [
    [
      'defaults: an overlay may change these',
      [...DEFAULTS, ...memoryLines(settings.memory), ...diskLines(settings)],
    ],
    ['overlays', overlays.map(({ name, value }) => [name, value])],
    ['rules: these are refused in overlays', RULES.map(({ name, value }) => [name, value])],
    ['given by the task', [...placeLines(installation, data, files), ...taskLines(settings)]],
  ];
  return ['[mysqld]', ...sections.flatMap(renderSection), ''].join('\n');
}

function renderSection([title, lines]: [title: string, lines: Line[]]): string[] {
  return [`# ${title}`, ...lines.map(([name, value]) => (value === undefined ? name : `${name} = ${value}`))];
}

const DEFAULTS: Line[] = [
  ['log_error_verbosity', '2'],
  // mysqld would also throw away, at its start, what only a deposed primary has, before that is saved. The executor
  // purges by size, where nobody needs them.
  ['binlog_expire_logs_seconds', '0'],
  // An acknowledgement means "in the relay log". With 0 it does not survive a crash of the host: such a member is no
  // voter until it has caught up again. 1 costs two thirds of the throughput.
  ['sync_relay_log', '0'],
  // While all of them are busy, the thread that hands out the work spins (sched_yield) and takes a whole core from its
  // host. So there are more than a small cluster commits at once.
  ['replica_parallel_workers', '8'],
  ['max_connect_errors', '1000000'],
  // The binary log has rows: functions and triggers cannot make replicas differ, and their owners need no SUPER.
  ['log_bin_trust_function_creators', 'ON'],
];

/** No single account can take the connections that administration and replicas need. */
const RESERVED_CONNECTIONS = 19;

function memoryLines(plan: MemoryPlan): Line[] {
  const lines: Line[] = [
    ['innodb_buffer_pool_size', `${plan.bufferPoolMb}M`],
    ['innodb_log_buffer_size', `${plan.logBufferMb}M`],
    ['max_connections', `${plan.maxConnections}`],
    ['max_user_connections', `${plan.maxConnections - RESERVED_CONNECTIONS}`],
    ['table_open_cache', `${plan.tableOpenCache}`],
    ['table_open_cache_instances', '1'],
    ['table_definition_cache', `${plan.tableDefinitionCache}`],
    ['thread_cache_size', `${plan.threadCacheSize}`],
    ['temptable_max_ram', `${plan.tempTableRamMb}M`],
    ['temptable_max_mmap', '0'],
    ['replica_pending_jobs_size_max', `${plan.applierQueueMb}M`],
    ['tmp_table_size', `${Math.min(16, plan.tempTableRamMb)}M`],
    ['key_buffer_size', '1M'], // MyISAM only
  ];
  return plan.fullPerformanceSchema ? lines : [...lines, ...LEAN_PERFORMANCE_SCHEMA];
}

function diskLines({ memory, diskMb }: ServerSettings): Line[] {
  const disk = planDisk(diskMb);
  return [
    ['innodb_redo_log_capacity', `${Math.min(memory.redoLogMb, disk.redoLogMb)}M`],
    ['max_binlog_size', `${disk.logFileMb}M`],
  ];
}

/** Takes 6 MB instead of 150 and still has the tables of replication, CLONE and threads. */
const LEAN_PERFORMANCE_SCHEMA: Line[] = [
  ['max_digest_length', '0'],
  ['performance_schema_instrument', "'%=OFF'"],
  ...[
    'accounts_size',
    'hosts_size',
    'users_size',
    'digests_size',
    'error_size',
    'max_memory_classes',
    'max_statement_classes',
    'max_stage_classes',
    'max_mutex_classes',
    'max_rwlock_classes',
    'max_cond_classes',
    'max_file_classes',
    'max_socket_classes',
    'max_table_handles',
    'max_table_instances',
    'max_index_stat',
    'max_table_lock_stat',
    'max_program_instances',
    'max_prepared_statements_instances',
    'max_metadata_locks',
    'max_digest_length',
    'max_sql_text_length',
    'session_connect_attrs_size',
  ].map((name): Line => [`performance_schema_${name}`, '0']),
  ...['stages', 'statements', 'transactions', 'waits'].flatMap((what): Line[] => [
    [`performance_schema_events_${what}_history_size`, '0'],
    [`performance_schema_events_${what}_history_long_size`, '0'],
  ]),
];

function placeLines(installation: MysqlInstallation, data: DataDirectory, files: ConfigFiles): Line[] {
  return [
    ['basedir', quoted(installation.basedir)],
    ['plugin_dir', quoted(installation.pluginDir)],
    ['lc_messages_dir', quoted(installation.messagesDir)],
    ['datadir', quoted(data.path)],
    ['tmpdir', quoted(join(data.volume, 'tmp'))],
    ['socket', SOCKET],
    ['pid_file', 'mysqld.pid'],
    ['log_error', quoted(files.errorLog)],
    ['init_file', quoted(files.initFile)],
    ['plugin_load_add', 'semisync_source.so'],
    ['plugin_load_add', 'semisync_replica.so'],
    ['plugin_load_add', 'mysql_clone.so'],
  ];
}

function taskLines(settings: ServerSettings): Line[] {
  const { serverId, bindAddress, port, bootAckCount } = settings;
  requireInteger('server id', serverId, 1, 2 ** 32 - 1);
  requireInteger('port', port, 1, 65_535);
  requireInteger('acknowledgements at boot', bootAckCount, 1, 65_535);
  if (!isIP(bindAddress))
    throw new MysqlOpsError('config_refused', `bind address ${bindAddress} is no IP address`);
  return [
    ['server_id', `${serverId}`],
    ['bind_address', bindAddress],
    ['port', `${port}`],
    ['rpl_semi_sync_source_wait_for_replica_count', `${bootAckCount}`],
  ];
}

function requireInteger(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new MysqlOpsError('config_refused', `${what} ${value} is not between ${least} and ${most}`);
}

/** MySQL reads backslashes in option files as escapes. */
function quoted(path: string): string {
  if (/["\n]/.test(path))
    throw new MysqlOpsError('config_refused', `path ${path} has a character that my.cnf cannot hold`);
  return `"${path.replaceAll('\\', '\\\\')}"`;
}
