/** The metric names of `GET /vars.json`: the original's, so that old dashboards and alerts keep working. */
export const VARS = [
  'scheduler.cluster_count',
  'scheduler.total_requested_cpus',
  'scheduler.total_requested_mem_mb',
  'scheduler.total_requested_disk_mb',
  'scheduler.framework_registered',
  'scheduler.uptime',
  'scheduler.tasks_lost',
  'scheduler.tasks_finished',
  'scheduler.tasks_failed',
  'scheduler.tasks_killed',
  'scheduler.tasks_launched',
  'scheduler.resource_offers',
  'scheduler.offers_incompatible_role',
  'scheduler.offers_unused',
] as const;

export type VarName = (typeof VARS)[number];
/** `framework_registered` is 1 or 0, `uptime` is in seconds, the rest are counts or amounts. */
export type Vars = Record<VarName, number>;
