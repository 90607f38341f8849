import { MesosError } from '../error.ts';
import type { Label, Resource } from '../wire/generated/types.ts';
import { fromThousandths, toThousandths } from './numbers.ts';
import { add } from './arithmetic.ts';
import { normalizeRanges } from './ranges.ts';

/** The sum of a scalar over all kinds: reserved or not, volume or not. */
export function sumOf(resources: readonly Resource[], name: string): number {
  const amounts = resources.filter((one) => one.name === name && one.type === 'SCALAR');
  return fromThousandths(amounts.reduce((sum, { scalar }) => sum + toThousandths(scalar?.value ?? 0), 0));
}

/** All scalars by name, summed as by `sumOf`. */
export function quantities(resources: readonly Resource[]): Record<string, number> {
  const names = new Set(resources.filter(({ type }) => type === 'SCALAR').map(({ name }) => name));
  return Object.fromEntries([...names].map((name) => [name, sumOf(resources, name)]));
}

/** More numbers than this are not listed one by one; there are no more ports. */
const MAX_NUMBERS = 65_536;

/**
 * All port numbers (or members of another RANGES resource), ascending. Throws `resource` for
 * ranges that hold more numbers than there are ports.
 */
export function numbersIn(resources: readonly Resource[], name = 'ports'): number[] {
  const found = resources.filter((one) => one.name === name && one.type === 'RANGES');
  const merged = normalizeRanges(found.flatMap(({ ranges }) => ranges?.range ?? []));
  const count = merged.reduce((sum, { begin, end }) => sum + end - begin + 1, 0);
  if (count > MAX_NUMBERS) throw new MesosError('resource', `${name} holds ${count} numbers`);
  return merged.flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i));
}

/** The labels of the topmost reservation, as a record; of a key that occurs twice the first. */
export function labelsOf({ reservations }: Resource): Record<string, string> {
  const labels: Label[] = reservations?.at(-1)?.labels?.labels ?? [];
  return Object.fromEntries(labels.toReversed().map(({ key, value }) => [key, value ?? '']));
}

/** The resources whose topmost reservation carries all these labels. */
export function withLabels(resources: readonly Resource[], wanted: Record<string, string>): Resource[] {
  return resources.filter((resource) => {
    const labels = labelsOf(resource);
    return Object.entries(wanted).every(([key, value]) => labels[key] === value);
  });
}

export function unreserved(resources: readonly Resource[]): Resource[] {
  return resources.filter(({ reservations = [] }) => reservations.length === 0);
}

/** The resources as plain quantities: neither reservations nor volumes nor allocation. */
export function flatten(resources: readonly Resource[]): Resource[] {
  return add(
    resources.map(({ name, type, scalar, ranges, set }) => ({
      name,
      type,
      ...(scalar && { scalar }),
      ...(ranges && { ranges }),
      ...(set && { set }),
    })),
  );
}
