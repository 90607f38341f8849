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

export const MEMBER_ROLES = ['primary', 'replica', 'none'] as const;

export const MEMBER_STATES = ['PENDING', 'STARTING', 'RUNNING', 'UNREACHABLE', 'FAILED'] as const;
