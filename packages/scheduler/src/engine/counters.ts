/** What the leading scheduler counts of its dealings with Mesos. */
import type { Placement } from '@cotton/core';
import type { Offer } from '@cotton/mesos';
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

export function countTaskState(counters: SchedulerCounters, state: string): void {
  if (state === 'TASK_LOST' || state === 'TASK_UNREACHABLE') counters.tasks_lost++;
  if (state === 'TASK_FINISHED') counters.tasks_finished++;
  if (state === 'TASK_FAILED') counters.tasks_failed++;
  if (state === 'TASK_KILLED') counters.tasks_killed++;
}

export function countOffers(counters: SchedulerCounters, offers: readonly Offer[], ownRole: string): void {
  const isOurs = ({ allocationInfo }: Offer) => (allocationInfo?.role ?? ownRole) === ownRole;
  counters.resource_offers += offers.length;
  counters.offers_incompatible_role += offers.filter((offer) => !isOurs(offer)).length;
}

export function countPlacement(counters: SchedulerCounters, { launches }: Placement): void {
  if (launches.length === 0) counters.offers_unused++;
}
