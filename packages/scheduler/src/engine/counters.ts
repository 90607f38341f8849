import type { SchedulerCounters } from '../cluster-service.ts';

export function newCounters(): SchedulerCounters {
  return {
    tasks_lost: 0,
    tasks_finished: 0,
    tasks_failed: 0,
    tasks_killed: 0,
    tasks_launched: 0,
    resource_offers: 0,
    offers_incompatible_role: 0,
    offers_unused: 0,
  };
}
