import type { SchedulerConnectionEvent } from '@cotton/mesos';

type Refused = Extract<SchedulerConnectionEvent, { type: 'refused' }>;

/** Why Mesos refuses this framework; nothing but a person can change that. */
export class RefusedByMesosError extends Error {
  readonly code: string;
  constructor(reason: string, message: string, advice: string) {
    super(`the Mesos master refuses this framework: ${message}. ${advice}`);
    this.name = 'RefusedByMesosError';
    this.code = reason;
  }
}

/** @param clusters how many this scheduler has */
export function refusalError({ reason, message }: Refused, clusters: number): RefusedByMesosError {
  const advice: Record<Refused['reason'], string> = {
    framework_removed:
      clusters > 0
        ? `Its ${clusters} clusters' tasks were killed with it; their volumes are still reserved. See docs/operations.md, "Framework removed".`
        : 'Start again with a new framework id: remove the id from the state, see docs/operations.md, "Framework removed".',
    failed_over: 'Another scheduler uses the same framework id: stop one of them.',
    unauthorized: 'Check --framework_authentication_file and the ACLs of the master.',
    refused: 'Check --framework_role and --framework_user against the flags of the master.',
  };
  return new RefusedByMesosError(reason, message, advice[reason]);
}
