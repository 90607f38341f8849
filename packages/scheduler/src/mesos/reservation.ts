/** Cotton's reservations: how they are marked, and what they are worth. */
import type { Footprint } from '@cotton/core';
import type { Labels, Resource, ResourceReservationInfo } from '@cotton/mesos';
import { resources } from '@cotton/mesos';

const INSTALLATION = 'cotton_installation';
const CLUSTER = 'cotton_cluster';
const INSTANCE = 'cotton_instance';

/**
 * Whose reservations these are. The installation id is made with the scheduler's state and outlives framework
 * ids, so that what an earlier framework id reserved is still recognised, and other frameworks' never is.
 */
export interface Owner {
  installation: string;
  role: string;
  principal: string | undefined;
}

export interface InstanceKey {
  clusterUid: string;
  instance: string;
}

export function reservationFor(owner: Owner, key: InstanceKey): ResourceReservationInfo {
  const labels: Labels = {
    labels: [
      { key: INSTALLATION, value: owner.installation },
      { key: CLUSTER, value: key.clusterUid },
      { key: INSTANCE, value: key.instance },
    ],
  };
  return {
    type: 'DYNAMIC',
    role: owner.role,
    labels,
    ...(owner.principal === undefined ? {} : { principal: owner.principal }),
  };
}

/** The instance this resource is reserved for by this installation, or undefined. */
export function ownerOf(resource: Resource, installation: string): InstanceKey | undefined {
  const labels = resources.labelsOf(resource);
  const clusterUid = labels[CLUSTER];
  const instance = labels[INSTANCE];
  if (labels[INSTALLATION] !== installation || !clusterUid || !instance) return undefined;
  return { clusterUid, instance };
}

/** The resources reserved for each instance of this installation. */
export function groupByInstance(offered: readonly Resource[], installation: string): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const resource of offered) {
    const key = ownerOf(resource, installation);
    if (key) groups.set(groupKey(key), [...(groups.get(groupKey(key)) ?? []), resource]);
  }
  return groups;
}

export function groupKey(key: InstanceKey): string {
  return `${key.clusterUid}/${key.instance}`;
}

export function footprintsOf(offered: readonly Resource[], installation: string): Footprint[] {
  return [...groupByInstance(offered, installation)].map(([key, group]) => {
    const [clusterUid = '', instance = ''] = key.split('/');
    return {
      clusterUid,
      instance,
      cpus: resources.sumOf(group, 'cpus'),
      memMb: resources.sumOf(group, 'mem'),
      diskMb: resources.sumOf(
        group.filter((r) => !resources.isPersistentVolume(r)),
        'disk',
      ),
      ports: resources.numbersIn(group, 'ports'),
      volumeIds: group.flatMap((r) => r.disk?.persistence?.id ?? []),
    };
  });
}
