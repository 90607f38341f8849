import { printAmount } from './quantity.ts';
import type { DiskInfo, Labels, Reservation, Resource } from './types.ts';

/** Mesos' own spelling of resources, as it stands in the messages of refused operations and tasks. */

const printLabels = (labels: Labels): string =>
  `{${(labels.labels ?? []).map(({ key, value }) => (value === undefined ? key : `${key}: ${value}`)).join(', ')}}`;

function printReservation(reservation: Reservation): string {
  const parts = [reservation.type ?? 'UNKNOWN', reservation.role ?? ''];
  if (reservation.principal !== undefined) parts.push(reservation.principal);
  if (reservation.labels !== undefined) parts.push(printLabels(reservation.labels));
  return `(${parts.join(',')})`;
}

function printDisk(disk: DiskInfo): string {
  if (!disk.persistence) return '';
  const volume = disk.volume;
  if (!volume) return disk.persistence.id;
  const host = volume.host_path === undefined ? '' : `${volume.host_path}:`;
  const mode = volume.mode === 'RO' ? ':ro' : '';
  return `${disk.persistence.id}:${host}${volume.container_path}${mode}`;
}

export function printResource(resource: Resource): string {
  const allocated = resource.allocation_info ? `(allocated: ${resource.allocation_info.role ?? ''})` : '';
  const stack = resource.reservations ?? [];
  const reservations = stack.length > 0 ? `(reservations: [${stack.map(printReservation).join(',')}])` : '';
  const disk = resource.disk ? `[${printDisk(resource.disk)}]` : '';
  return `${resource.name}${allocated}${reservations}${disk}:${printAmount(resource)}`;
}

/** `{}` when there are none, else joined by `; `. */
export const printResources = (resources: Resource[]): string =>
  resources.length === 0 ? '{}' : resources.map(printResource).join('; ');
