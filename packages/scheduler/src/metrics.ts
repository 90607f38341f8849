/** `GET /metrics` for Prometheus. Values about clusters are read when asked for, so nothing can go stale. */
import { CLUSTER_STATES, MEMBER_ROLES, MEMBER_STATES, TRANSITION_KINDS } from '@cotton/api';
import { currentGeneration, votersOf } from '@cotton/core';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ClusterService, SchedulerCounters } from './cluster-service.ts';
import { sumOf } from './http/answers.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** Counts no further. */
  close(): void;
  /** @param route the pattern, never the address itself: names in labels would grow without bound. */
  countRequest(method: string, route: string, status: number, seconds: number): void;
}

export function createMetrics(service: ClusterService): Metrics {
  const registry = new Registry();
  registerProcess(registry);
  registerScheduler(registry, service);
  registerClusters(registry, service);
  registerCounters(registry, service);
  const close = registerTransitions(registry, service);
  const countRequest = registerRequests(registry);
  return { contentType: registry.contentType, text: () => registry.metrics(), countRequest, close };
}

function registerProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  // These are NaN until the event loop was late for the first time, and NaN breaks sums and alerts.
  for (const name of ['mean', 'stddev', 'min', 'max', 'p50', 'p90', 'p99'])
    registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
}

function registerScheduler(registry: Registry, service: ClusterService): void {
  gauge(registry, 'cotton_leading', 'Whether this scheduler leads.', (g) => g.set(Number(service.leading())));
  gauge(registry, 'cotton_framework_registered', 'Whether it is subscribed to the Mesos master.', (g) =>
    g.set(Number(service.ready())),
  );
  new Gauge({
    name: 'cotton_requested',
    help: 'What all clusters ask for: cpus, mem_mb, disk_mb.',
    labelNames: ['resource'],
    registers: [registry],
    collect() {
      const records = service.list().map(({ record }) => record);
      const requested = sumOf(records, (record) => record.spec.nodes);
      for (const [resource, amount] of Object.entries(requested)) this.set({ resource }, amount);
    },
  });
}

function registerClusters(registry: Registry, service: ClusterService): void {
  new Gauge({
    name: 'cotton_clusters',
    help: 'Clusters by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const state of CLUSTER_STATES) this.set({ state }, 0);
      for (const { view } of service.list()) this.inc({ state: view.state });
    },
  });
  new Gauge({
    name: 'cotton_members',
    help: 'Members of all clusters by role and state.',
    labelNames: ['role', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const role of MEMBER_ROLES) for (const state of MEMBER_STATES) this.set({ role, state }, 0);
      for (const { view } of service.list())
        for (const { role, state } of view.members) this.inc({ role, state });
    },
  });
  perCluster(
    registry,
    service,
    'cotton_cluster_epoch',
    'Grows with every change of the primary.',
    (c) => c.record.epoch,
  );
  perCluster(
    registry,
    service,
    'cotton_cluster_in_sync_members',
    'Replicas whose acknowledgement counts.',
    (c) => votersOf(c.record).length,
  );
  perCluster(
    registry,
    service,
    'cotton_cluster_generations',
    'Electorates that an election would have to satisfy: more than one while a change is not settled.',
    (c) => c.record.electorate.length,
  );
  perCluster(registry, service, 'cotton_cluster_hold', 'Whether automatic failover is on hold.', (c) =>
    Number(c.record.spec.hold),
  );
  perCluster(
    registry,
    service,
    'cotton_cluster_errant_slices',
    'Saved sets of transactions that only one member had.',
    (c) => c.view.members.reduce((sum, { errant }) => sum + errant.length, 0),
  );
  perCluster(
    registry,
    service,
    'cotton_cluster_ack_count',
    'Replicas that must have a write before it is acknowledged.',
    (c) => currentGeneration(c.record)?.ackCount ?? 0,
  );
}

function perCluster(
  registry: Registry,
  service: ClusterService,
  name: string,
  help: string,
  value: (entry: ReturnType<ClusterService['list']>[number]) => number,
): void {
  new Gauge({
    name,
    help,
    labelNames: ['cluster'],
    registers: [registry],
    collect() {
      // Deleted clusters must not linger.
      this.reset();
      for (const entry of service.list()) this.set({ cluster: entry.record.name }, value(entry));
    },
  });
}

/** Counted from the events, so that what is counted is what followers were told. */
function registerTransitions(registry: Registry, service: ClusterService): () => void {
  const elections = new Counter({
    name: 'cotton_elections_total',
    help: 'Elections that began.',
    registers: [registry],
  });
  const transitions = new Counter({
    name: 'cotton_transitions_total',
    help: 'Elections and switchovers that ended, by kind and outcome.',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'cotton_transition_duration_seconds',
    help: 'From the beginning of an election or switchover until the primary was seen open.',
    labelNames: ['kind'],
    buckets: [0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 120],
    registers: [registry],
  });
  for (const kind of TRANSITION_KINDS)
    for (const outcome of ['ok', 'unsafe', 'rolled_back']) transitions.inc({ kind, outcome }, 0);
  return service.events.subscribe(({ kind, transition }) => {
    if (!transition) return;
    if (kind === 'election') elections.inc();
    if (kind !== 'transition') return;
    transitions.inc({ kind: transition.kind, outcome: transition.outcome });
    const ms = Date.parse(transition.ended_at ?? '') - Date.parse(transition.started_at);
    if (ms >= 0) duration.observe({ kind: transition.kind }, ms / 1000);
  });
}

const COUNTERS: Record<keyof SchedulerCounters, [name: string, help: string]> = {
  tasks_lost: ['cotton_tasks_lost_total', 'Tasks that ended as lost.'],
  tasks_finished: ['cotton_tasks_finished_total', 'Tasks that ended of themselves.'],
  tasks_failed: ['cotton_tasks_failed_total', 'Tasks that failed.'],
  tasks_killed: ['cotton_tasks_killed_total', 'Tasks that were killed.'],
  tasks_launched: ['cotton_tasks_launched_total', 'Tasks launched.'],
  resource_offers: ['cotton_offers_total', 'Offers received.'],
  offers_incompatible_role: ['cotton_offers_incompatible_role_total', 'Offers for another role.'],
  offers_unused: ['cotton_offers_unused_total', 'Offers declined.'],
};

/** The engine counts; a counter here only repeats its number. */
function registerCounters(registry: Registry, service: ClusterService): void {
  for (const [key, [name, help]] of Object.entries(COUNTERS))
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(service.counters()[key as keyof SchedulerCounters]);
      },
    });
}

function registerRequests(registry: Registry): Metrics['countRequest'] {
  const duration = new Histogram({
    name: 'cotton_http_request_duration_seconds',
    help: 'HTTP requests by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  return (method, route, status, seconds) =>
    duration.observe({ method, route, status: String(status) }, seconds);
}

function gauge(registry: Registry, name: string, help: string, read: (gauge: Gauge) => void): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      read(this);
    },
  });
}
