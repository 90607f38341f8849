/** Said wherever the stand-in can be seen: nobody should take it for a real Mesos. */
export const BANNER = 'Cotton local stand-in for Apache Mesos 1.12 (a laptop, tests and the demo only)';

export const MESOS_VERSION = '1.12.0';

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
