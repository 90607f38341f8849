import { isDeepStrictEqual } from 'node:util';
import type { DiskInfo, Labels, Reservation, Resource } from './types.ts';

/** In whatever order they come; one that occurs twice is not one that occurs once. */
function sameLabels(left: Labels | undefined, right: Labels | undefined): boolean {
  const sorted = (labels: Labels | undefined) =>
    labels && (labels.labels ?? []).map(({ key, value }) => JSON.stringify([key, value ?? null])).sort();
  return isDeepStrictEqual(sorted(left), sorted(right));
}

const sameReservation = (left: Reservation, right: Reservation): boolean =>
  left.type === right.type &&
  left.role === right.role &&
  left.principal === right.principal &&
  sameLabels(left.labels, right.labels);

function sameReservations(left: Reservation[] = [], right: Reservation[] = []): boolean {
  return left.length === right.length && left.every((one, at) => sameReservation(one, right[at]!));
}

/** Who made a volume does not count; where it is mounted does. */
const sameDisk = (left: DiskInfo | undefined, right: DiskInfo | undefined): boolean =>
  left?.persistence?.id === right?.persistence?.id &&
  isDeepStrictEqual(left?.volume, right?.volume) &&
  isDeepStrictEqual(left?.source, right?.source);

/** Whether two resources differ in nothing but their amounts. */
export const sameKind = (left: Resource, right: Resource): boolean =>
  left.name === right.name &&
  left.type === right.type &&
  (left.allocation_info?.role ?? null) === (right.allocation_info?.role ?? null) &&
  sameReservations(left.reservations, right.reservations) &&
  sameDisk(left.disk, right.disk) &&
  Boolean(left.revocable) === Boolean(right.revocable) &&
  isDeepStrictEqual(left.shared, right.shared) &&
  left.provider_id?.value === right.provider_id?.value;
