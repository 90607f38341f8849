import type { Resource } from './types.ts';

/** A framework's resource in any accepted format, as the master keeps it: a stack of reservations. */
export function upgrade(resource: Resource): Resource {
  const { role, reservation, ...rest } = resource;
  if ((rest.reservations?.length ?? 0) > 0 || role === undefined || role === '*') return rest;
  return { ...rest, reservations: [{ type: reservation ? 'DYNAMIC' : 'STATIC', role, ...reservation }] };
}

/** The format from before reservation refinement: `role` and `reservation` instead of the stack. */
export function downgrade(resource: Resource): Resource {
  const { reservations, ...rest } = resource;
  const top = reservations?.at(-1);
  if (!top) return { ...rest, role: '*' };
  const { type, role, ...reservation } = top;
  return { ...rest, role: role!, ...(type === 'DYNAMIC' && { reservation }) };
}

/** Both formats at once, as operator endpoints show resources. */
export function inBothFormats(resource: Resource): Resource {
  const { role, reservation } = downgrade(resource);
  return { ...resource, role: role!, ...(reservation && { reservation }) };
}
