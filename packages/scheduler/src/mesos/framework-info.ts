import type { FrameworkInfo } from '@cotton/mesos';

export interface FrameworkSettings {
  name: string;
  user: string;
  role: string;
  principal: string | undefined;
  failoverTimeoutS: number;
  webuiUrl: string;
}

/**
 * Built from the flags at every start; only the framework id is remembered (the original kept its first role for
 * ever by remembering all of it).
 */
export function frameworkInfoFor(settings: FrameworkSettings): FrameworkInfo {
  const { name, user, role, principal } = settings;
  return {
    name,
    user,
    roles: [role],
    checkpoint: true,
    failoverTimeout: settings.failoverTimeoutS,
    webuiUrl: settings.webuiUrl,
    ...(principal === undefined ? {} : { principal }),
    capabilities: [
      { type: 'MULTI_ROLE' },
      { type: 'RESERVATION_REFINEMENT' },
      { type: 'PARTITION_AWARE' },
      { type: 'TASK_KILLING_STATE' },
    ],
    // Without this a leftover that is only a disk is never offered, and its volume could never be destroyed.
    offerFilters: { [role]: { minAllocatableResources: {} } },
  };
}
