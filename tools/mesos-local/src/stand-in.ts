/** Said wherever the stand-in can be seen: nobody should take it for a real Mesos. */
export const BANNER = 'Cotton local stand-in for Apache Mesos 1.12 (a laptop, tests and the demo only)';

export const MESOS_VERSION = '1.12.0';

/** What `/version` says; nobody built this. */
export const BUILD = {
  build_date: '1970-01-01 00:00:00 UTC',
  build_time: 0,
  build_user: 'cotton-local',
  git_sha: '0'.repeat(40),
  version: MESOS_VERSION,
};

export const AGENT_CAPABILITIES = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
  'RESOURCE_PROVIDER',
  'RESIZE_VOLUME',
  'AGENT_OPERATION_FEEDBACK',
  'AGENT_DRAINING',
  'TASK_RESOURCE_LIMITS',
];

export const MASTER_CAPABILITIES = ['AGENT_UPDATE', 'AGENT_DRAINING', 'QUOTA_V2'];
