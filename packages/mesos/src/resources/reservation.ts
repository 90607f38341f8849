import { MesosError } from '../error.ts';
import type { Resource, ResourceReservationInfo } from '../wire/generated/types.ts';
import { add } from './arithmetic.ts';
import { formatResource } from './format.ts';

/** Each resource with one more reservation on top of those it has. */
export function reserve(resources: readonly Resource[], reservation: ResourceReservationInfo): Resource[] {
  return add(
    resources.map((resource) => ({
      ...resource,
      reservations: [...(resource.reservations ?? []), reservation],
    })),
  );
}

/** Each resource without its topmost reservation. Throws `resource` for one that is not reserved. */
export function unreserve(resources: readonly Resource[]): Resource[] {
  return add(resources.map(popReservation));
}

/** The role that may use the resource; undefined for an unreserved one. */
export function reservationRole({ reservations }: Resource): string | undefined {
  return reservations?.at(-1)?.role;
}

/** Reserved at run time by a framework or an operator: UNRESERVE can undo it. */
export function isDynamicallyReserved({ reservations }: Resource): boolean {
  return reservations?.at(-1)?.type === 'DYNAMIC';
}

/** The resources as offered to a framework for one of its roles. */
export function allocate(resources: readonly Resource[], role: string): Resource[] {
  return resources.map((resource) => ({ ...resource, allocationInfo: { role } }));
}

/** The resources as the agent owns them. */
export function unallocate(resources: readonly Resource[]): Resource[] {
  return resources.map(({ allocationInfo: _allocated, ...resource }) => resource);
}

/**
 * From the form before reservation refinement (`role`, `reservation`) to the one with
 * `reservations`, which all functions here work on. A resource already in that form stays as it is.
 */
export function refine(resource: Resource): Resource {
  const { role = '*', reservation, ...rest } = resource;
  if (rest.reservations && rest.reservations.length > 0) return resource;
  if (role === '*' && !reservation) return rest;
  return { ...rest, reservations: [{ ...reservation, type: reservation ? 'DYNAMIC' : 'STATIC', role }] };
}

/** The way back, for frameworks without RESERVATION_REFINEMENT; undefined for a refined reservation. */
export function unrefine(resource: Resource): Resource | undefined {
  const { reservations = [], ...rest } = resource;
  const [reservation, ...refinements] = reservations;
  if (refinements.length > 0) return undefined;
  if (!reservation) return { ...rest, role: '*' };
  const { type, role = '*', ...reservedBy } = reservation;
  return type === 'DYNAMIC' ? { ...rest, role, reservation: reservedBy } : { ...rest, role };
}

function popReservation(resource: Resource): Resource {
  const { reservations = [], ...rest } = resource;
  if (reservations.length === 0)
    throw new MesosError('resource', `${formatResource(resource)} is not reserved`);
  const below = reservations.slice(0, -1);
  return below.length > 0 ? { ...rest, reservations: below } : rest;
}
