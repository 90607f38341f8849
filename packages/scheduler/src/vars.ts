/** `GET /vars.json`: the metrics of the original, under its names. */
import type { Vars } from '@cotton/api';
import type { ClusterService } from './cluster-service.ts';
import { sumOf } from './http/answers.ts';

/** @param uptimeMs since this process started. */
export function varsOf(service: ClusterService, uptimeMs: number): Vars {
  const records = service.list().map(({ record }) => record);
  const requested = sumOf(records, (record) => record.spec.nodes);
  const counters = service.counters();
  return {
    'scheduler.cluster_count': records.length,
    'scheduler.total_requested_cpus': requested.cpus,
    'scheduler.total_requested_mem_mb': requested.mem_mb,
    'scheduler.total_requested_disk_mb': requested.disk_mb,
    'scheduler.framework_registered': service.ready() ? 1 : 0,
    'scheduler.uptime': uptimeMs / 1000,
    'scheduler.tasks_lost': counters.tasks_lost,
    'scheduler.tasks_finished': counters.tasks_finished,
    'scheduler.tasks_failed': counters.tasks_failed,
    'scheduler.tasks_killed': counters.tasks_killed,
    'scheduler.tasks_launched': counters.tasks_launched,
    'scheduler.resource_offers': counters.resource_offers,
    'scheduler.offers_incompatible_role': counters.offers_incompatible_role,
    'scheduler.offers_unused': counters.offers_unused,
  };
}
