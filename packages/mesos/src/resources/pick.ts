import type { Resource } from '../wire/generated/types.ts';
import { ranges, scalar } from './build.ts';
import { numbersIn } from './query.ts';
import { containsValue } from './value.ts';

/** How much of what: `{ scalars: { cpus: 1, mem: 512 }, ports: 2 }` (mem and disk in MiB). */
export interface Wanted {
  scalars: Record<string, number>;
  /** Number of ports, whichever they are. */
  ports?: number;
}

/**
 * That much of a list of resources: each scalar out of one entry, disk from the agent's
 * own (no volume, no other source), the lowest ports.
 * Undefined where something is missing. Choose the list first, for instance by `unreserved`; the
 * result keeps the kind (allocation, reservation) of what it was taken from.
 */
export function pick(resources: readonly Resource[], wanted: Wanted): Resource[] | undefined {
  const scalars = Object.entries(wanted.scalars).map(([name, value]) => pickScalar(resources, name, value));
  const ports = wanted.ports ? pickPorts(resources, wanted.ports) : [];
  if (ports === undefined || scalars.includes(undefined)) return undefined;
  return [...scalars.filter((one) => one !== undefined), ...ports];
}

function pickScalar(resources: readonly Resource[], name: string, value: number): Resource | undefined {
  const amount = scalar(name, value);
  const holder = resources.find(
    (one) => one.name === name && one.type === 'SCALAR' && !one.disk && containsValue(one, amount),
  );
  return holder && { ...holder, scalar: { value } };
}

function pickPorts(resources: readonly Resource[], count: number): Resource[] | undefined {
  const picked: Resource[] = [];
  let missing = count;
  for (const holder of resources.filter(({ name, type }) => name === 'ports' && type === 'RANGES')) {
    const numbers = numbersIn([holder]).slice(0, missing);
    missing -= numbers.length;
    if (numbers.length > 0) picked.push(portsOf(holder, numbers));
  }
  return missing === 0 ? picked : undefined;
}

function portsOf(holder: Resource, numbers: number[]): Resource {
  const single = numbers.map((number) => ({ begin: number, end: number }));
  return { ...holder, ranges: ranges('ports', single).ranges };
}
