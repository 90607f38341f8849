import type { Resource } from '../wire/generated/types.ts';
import { addValue } from './value.ts';

export function isPersistentVolume({ disk }: Resource): boolean {
  return disk?.persistence !== undefined;
}

/**
 * A persistent volume made of a reserved disk. `containerPath` must not contain a slash: Mesos
 * would run the task without the volume.
 */
export function createVolume(
  disk: Resource,
  volume: { id: string; containerPath: string; principal?: string },
): Resource {
  const { id, containerPath, principal } = volume;
  const persistence = principal === undefined ? { id } : { id, principal };
  return { ...disk, disk: { ...disk.disk, persistence, volume: { mode: 'RW', containerPath } } };
}

/** The disk a volume was made of, and is again once destroyed. */
export function destroyVolume(volume: Resource): Resource {
  const { disk, shared: _shared, ...rest } = volume;
  return disk?.source ? { ...rest, disk: { source: disk.source } } : rest;
}

/** The volume made larger by the disk space of `addition`. */
export function growVolume(volume: Resource, addition: Resource): Resource {
  return addValue(volume, addition);
}
