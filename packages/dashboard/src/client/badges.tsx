import type { ClusterState, MemberRole, MemberState } from '@cotton/api';

/** Colour only repeats what the word says. */
const TONE: Record<ClusterState | MemberState, 'good' | 'busy' | 'warn' | 'bad'> = {
  HEALTHY: 'good',
  RUNNING: 'good',
  CREATING: 'busy',
  ELECTING: 'busy',
  SWITCHING: 'busy',
  STARTING: 'busy',
  PENDING: 'busy',
  DELETING: 'warn',
  DEGRADED: 'warn',
  UNREACHABLE: 'bad',
  BLOCKED: 'bad',
  FAILED: 'bad',
};

export function StateBadge({ state }: { state: ClusterState | MemberState }) {
  return (
    <span class={`badge ${TONE[state]}`} data-testid="state">
      {state}
    </span>
  );
}

export function RoleBadge({ role }: { role: MemberRole }) {
  return (
    <span class={`badge role-${role}`} data-testid="role">
      {role === 'none' ? 'no role' : role}
    </span>
  );
}
