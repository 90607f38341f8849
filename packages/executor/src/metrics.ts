import type { MysqlStatistics } from '@cotton/mysql-ops';
import { Counter, Gauge, Registry } from 'prom-client';
import { type InstanceState, servesWrites } from './instance-state.ts';

/** Prometheus text about one instance. */
export interface Metrics {
  contentType: string;
  render(): Promise<string>;
}

export interface MetricsSource {
  state: InstanceState;
  labels: { cluster: string; instance: string };
  /** A fresh sample; undefined while mysqld does not answer. */
  sample: () => Promise<MysqlStatistics | undefined>;
}

type Read<T> = [name: string, help: string, read: (of: T) => number | null];

const secondsSince = (atMs: number | null): number | null =>
  atMs === null ? null : (performance.now() - atMs) / 1000;

const OF_INSTANCE: Read<InstanceState>[] = [
  ['up', '1 while mysqld serves', (s) => Number(s.mysqld === 'serving')],
  ['primary', '1 while this is the writable primary', (s) => Number(servesWrites(s))],
  ['replica_attached', '1 while receiver and applier run on the right source', (s) => Number(s.attached)],
  ['replica_caught_up', '1 once it has caught up with its source', (s) => Number(s.attached && s.caughtUp)],
  ['replica_lag_seconds', 'Seconds behind the source', (s) => s.lagSeconds],
  ['replica_semi_sync', '1 while it acknowledges', (s) => Number(s.acks?.on === true)],
  ['replica_hears', '1 while something arrives from the source', (s) => Number(s.hears)],
  ['epoch', 'Highest epoch this instance has acted in', (s) => s.epoch],
  ['incarnation', 'Lives of mysqld on this volume', (s) => s.incarnation],
  ['ack_count', 'Acknowledgements a commit waits for, on the primary', (s) => s.open?.ackCount ?? null],
  [
    'generation',
    'Generation of the electorate in force, on the primary',
    (s) => s.enforced?.generation ?? null,
  ],
  [
    'settled_generation',
    'Generation that a marker has proven, on the primary',
    (s) => (s.open ? s.pulse.settled : null),
  ],
  ['barred', 'Members that are locked out, on the primary', (s) => s.enforced?.barred.length ?? null],
  [
    'heartbeat_age_seconds',
    'Since the writing of the last acknowledged marker, on the primary',
    (s) => (s.open ? secondsSince(s.pulse.acknowledgedAtMs) : null),
  ],
  [
    'asks_to_go_alone',
    '1 while nobody acknowledges',
    (s) => (s.open ? Number(s.pulse.degrade !== null) : null),
  ],
  ['errant_slices', 'Saved sets of transactions that were never acknowledged', (s) => s.errant.length],
];

const GAUGES: Read<MysqlStatistics>[] = [
  ['uptime_seconds', 'Since mysqld started', (m) => m.uptimeSeconds],
  ['connections', 'Open connections', (m) => m.connections],
  ['connections_max', 'Connections it allows', (m) => m.maxConnections],
  ['threads_running', 'Threads at work', (m) => m.threadsRunning],
  ['innodb_buffer_pool_bytes', 'Size of the buffer pool', (m) => m.bufferPoolBytes],
  ['innodb_buffer_pool_dirty_bytes', 'Dirty pages in the buffer pool', (m) => m.bufferPoolDirtyBytes],
  ['innodb_buffer_pool_free_bytes', 'Free pages in the buffer pool', (m) => m.bufferPoolFreeBytes],
  ['innodb_buffer_pool_data_bytes', 'Used pages in the buffer pool', (m) => m.bufferPoolDataBytes],
  ['semi_sync_active', '1 while commits wait for acknowledgements', (m) => Number(m.semiSyncActive)],
  ['semi_sync_clients', 'Acknowledging replicas as MySQL counts them', (m) => m.semiSyncClients],
  [
    'semi_sync_waiting_sessions',
    'Sessions that wait for an acknowledgement',
    (m) => m.semiSyncWaitingSessions,
  ],
  ['volume_bytes', 'Size of the file system under the volume', (m) => m.volumeBytes],
  ['volume_free_bytes', 'Space left in it', (m) => m.volumeFreeBytes],
  ['binary_log_bytes', 'Size of all binary logs', (m) => m.binaryLogBytes],
  ['relay_log_bytes', 'Size of all relay logs', (m) => m.relayLogBytes],
];

const COUNTERS: Read<MysqlStatistics>[] = [
  ['questions_total', 'Statements of clients', (m) => m.questions],
  ['commits_total', 'Commits', (m) => m.commits],
  ['rollbacks_total', 'Rollbacks', (m) => m.rollbacks],
  ['selects_total', 'SELECT statements', (m) => m.selects],
  ['inserts_total', 'INSERT statements', (m) => m.inserts],
  ['updates_total', 'UPDATE statements', (m) => m.updates],
  ['deletes_total', 'DELETE statements', (m) => m.deletes],
  ['semi_sync_acknowledged_total', 'Commits that were acknowledged', (m) => m.semiSyncAcknowledged],
  ['semi_sync_unacknowledged_total', 'Commits that waited for nobody', (m) => m.semiSyncUnacknowledged],
  ['slow_queries_total', 'Slow queries', (m) => m.slowQueries],
  ['aborted_connects_total', 'Failed connection attempts', (m) => m.abortedConnects],
  ['received_bytes_total', 'Bytes from clients', (m) => m.bytesReceived],
  ['sent_bytes_total', 'Bytes to clients', (m) => m.bytesSent],
  ['innodb_buffer_pool_reads_total', 'Reads that went to disk', (m) => m.bufferPoolReads],
  ['innodb_buffer_pool_read_requests_total', 'Logical reads', (m) => m.bufferPoolReadRequests],
  ['innodb_row_lock_waits_total', 'Waits for a row lock', (m) => m.rowLockWaits],
  ['innodb_row_lock_wait_seconds_total', 'Time waited for row locks', (m) => m.rowLockWaitSeconds],
];

/** Counters start anew with each life of mysqld, as Prometheus expects of a restarted process. */
export function createMetrics({ state, labels, sample }: MetricsSource): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  const showInstance = gaugesIn(registry, OF_INSTANCE);
  const showStatistics = gaugesIn(registry, GAUGES);
  const counters = COUNTERS.map(
    ([name, help, read]) =>
      [new Counter({ name: `cotton_mysql_${name}`, help, registers: [registry] }), read] as const,
  );
  return {
    contentType: registry.contentType,
    async render() {
      const statistics = await sample();
      showInstance(state);
      showStatistics(statistics);
      for (const [metric, read] of counters) {
        metric.reset();
        if (statistics) metric.inc(read(statistics) ?? 0);
      }
      return registry.metrics();
    },
  };
}

/** Makes the gauges; the function returned sets them all. What is not known is not shown: a zero would be a lie. */
function gaugesIn<T>(registry: Registry, reads: Read<T>[]): (of: T | undefined) => void {
  const gauges = reads.map(
    ([name, help, read]) =>
      [new Gauge({ name: `cotton_mysql_${name}`, help, registers: [registry] }), read] as const,
  );
  return (of) => {
    for (const [gauge, read] of gauges) {
      const value = of === undefined ? null : read(of);
      if (value === null) gauge.remove();
      else gauge.set(value);
    }
  };
}
