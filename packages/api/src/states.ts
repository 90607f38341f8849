/** The words for states and roles; docs/reference/http.md says what each means. */

export const CLUSTER_STATES = [
  'CREATING',
  'HEALTHY',
  'DEGRADED',
  'ELECTING',
  'SWITCHING',
  'BLOCKED',
  'DELETING',
] as const;

export const TRANSITION_KINDS = ['formation', 'failover', 'switchover'] as const;

/** running: not over yet. ok: nothing is lost. unsafe: reports were waived. rolled_back: all is as it was before. */
export const TRANSITION_OUTCOMES = ['running', 'ok', 'unsafe', 'rolled_back'] as const;

export const EVENT_KINDS = [
  'created',
  'changed',
  'deleting',
  'deleted',
  'state',
  'election',
  'switchover',
  'transition',
  'electorate',
  'errant',
] as const;

export const MEMBER_ROLES = ['primary', 'replica', 'none'] as const;

export const MEMBER_STATES = ['PENDING', 'STARTING', 'RUNNING', 'UNREACHABLE', 'FAILED'] as const;
