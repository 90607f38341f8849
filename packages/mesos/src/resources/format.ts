/** Resources as Mesos prints them in its logs and error messages, for instance `cpus(allocated: web):0.5; mem:64`. */
import type { Labels, Resource, ResourceDiskInfo, ResourceReservationInfo } from '../wire/generated/types.ts';

export function formatResources(resources: readonly Resource[]): string {
  return resources.length === 0 ? '{}' : resources.map(formatResource).join('; ');
}

export function formatResource(resource: Resource): string {
  const { name, allocationInfo, reservations = [], disk, revocable, shared } = resource;
  return [
    name,
    allocationInfo ? `(allocated: ${allocationInfo.role ?? ''})` : '',
    reservations.length > 0 ? `(reservations: [${reservations.map(formatReservation).join(', ')}])` : '',
    disk ? `[${formatDisk(disk)}]` : '',
    revocable ? '{REV}' : '',
    shared ? '<SHARED>' : '',
    ':',
    formatValue(resource),
  ].join('');
}

function formatValue({ type, scalar, ranges, set }: Resource): string {
  if (type === 'SCALAR') return String(scalar?.value ?? 0);
  if (type === 'SET') return `{${(set?.item ?? []).join(', ')}}`;
  return `[${(ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;
}

function formatReservation({ type, role, principal, labels }: ResourceReservationInfo): string {
  const parts = [type ?? 'UNKNOWN', role ?? '', principal, labels ? formatLabels(labels) : undefined];
  return `(${parts.filter((part) => part !== undefined).join(',')})`;
}

function formatLabels({ labels = [] }: Labels): string {
  const texts = labels.map(({ key, value }) => (value === undefined ? key : `${key}: ${value}`));
  return `{${texts.join(', ')}}`;
}

function formatDisk({ source, persistence, volume }: ResourceDiskInfo): string {
  const root = source?.mount?.root ?? source?.path?.root;
  const origin = source ? [`${source.type}${root === undefined ? '' : `:${root}`}`] : [];
  const identity = [...origin, ...(persistence ? [persistence.id] : [])].join(',');
  if (!volume) return identity;
  const mode = volume.hostPath === undefined ? '' : `:${volume.mode.toLowerCase()}`;
  const host = volume.hostPath === undefined ? '' : `${volume.hostPath}:`;
  return `${identity}:${host}${volume.containerPath}${mode}`;
}
