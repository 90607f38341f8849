import type { Labels, Resource, ResourceDiskInfo, ResourceReservationInfo } from '../wire/generated/types.ts';

/**
 * Everything that tells one kind of resource from another: name, allocation, reservations with
 * their labels, disk, revocability, sharing, provider; not the amount. Two resources are of one
 * kind exactly when these texts are equal.
 */
export function kindOf(resource: Resource): string {
  return JSON.stringify([
    resource.name,
    resource.type,
    resource.allocationInfo?.role ?? null,
    (resource.reservations ?? []).map(reservationKind),
    resource.disk ? diskKind(resource.disk) : null,
    resource.revocable !== undefined,
    resource.shared !== undefined,
    resource.providerId?.value ?? null,
  ]);
}

/**
 * A thing of its own that is used as a whole or not at all: a persistent volume, a MOUNT or BLOCK
 * disk, a RAW disk with an identity, a shared resource. It neither merges nor splits.
 */
export function isIndivisible({ disk, shared }: Resource): boolean {
  const source = disk?.source;
  return (
    shared !== undefined ||
    disk?.persistence !== undefined ||
    source?.type === 'MOUNT' ||
    source?.type === 'BLOCK' ||
    (source?.type === 'RAW' && source.id !== undefined)
  );
}

function reservationKind({ type, role, principal, labels }: ResourceReservationInfo): unknown {
  return [type ?? null, role ?? null, principal ?? null, labelsKind(labels)];
}

/** The order of labels does not matter; one that occurs twice is not one that occurs once. */
function labelsKind(labels: Labels | undefined): unknown {
  if (labels === undefined) return null;
  return (labels.labels ?? []).map(({ key, value }) => JSON.stringify([key, value ?? null])).toSorted();
}

/**
 * A volume launched under another container_path than it was created with is another resource
 * (real masters answer "more than available"); the persistence's principal does not count.
 */
function diskKind({ persistence, volume, source }: ResourceDiskInfo): unknown {
  return [
    persistence?.id ?? null,
    volume ? [volume.containerPath, volume.hostPath ?? null, volume.mode] : null,
    source
      ? [
          source.type,
          source.path?.root ?? null,
          source.mount?.root ?? null,
          source.vendor ?? null,
          source.id ?? null,
          source.profile ?? null,
          labelsKind(source.metadata),
        ]
      : null,
  ];
}
