import { coalesce } from '../resources/quantity.ts';
import { isReserved, reservationRole, scalarTotal } from '../resources/resource-list.ts';
import { inBothFormats } from '../resources/convert.ts';
import type { Resource } from '../resources/types.ts';

/** `{disk, mem, gpus, cpus, ports}` as `/state` sums resources up. */
export function sums(resources: Resource[]): Record<string, unknown> {
  const scalar = (name: string) => scalarTotal(resources, name) / 1000;
  const ranges = resources.flatMap((one) => (one.name === 'ports' ? (one.ranges?.range ?? []) : []));
  const ports = coalesce(ranges).map(({ begin, end }) => `${begin}-${end}`);
  return {
    disk: scalar('disk'),
    mem: scalar('mem'),
    gpus: scalar('gpus'),
    cpus: scalar('cpus'),
    ...(ports.length > 0 && { ports: `[${ports.join(', ')}]` }),
  };
}

const mapValues = <T, U>(groups: Map<string, T>, convert: (value: T) => U): Record<string, U> =>
  Object.fromEntries([...groups].map(([key, value]) => [key, convert(value)]));

const reservedByRole = (resources: Resource[]): Map<string, Resource[]> =>
  Map.groupBy(resources.filter(isReserved), reservationRole);

/** Sums of what is reserved, per role. */
export const reservedSums = (resources: Resource[]): Record<string, Record<string, unknown>> =>
  mapValues(reservedByRole(resources), sums);

/** What is reserved, per role, in both formats of reservations. */
export const reservedInFull = (resources: Resource[]): Record<string, Resource[]> =>
  mapValues(reservedByRole(resources), inFull);

export const inFull = (resources: Resource[]): Resource[] => resources.map(inBothFormats);

export const unreserved = (resources: Resource[]): Resource[] =>
  resources.filter((resource) => !isReserved(resource));

/** The role resources are allocated to. */
export const allocatedRole = (resources: Resource[]): string => resources[0]?.allocation_info?.role ?? '*';
