import type { Resource, ValueRange } from '../wire/generated/types.ts';

/** `scalar('cpus', 0.5)`; mem and disk are in MiB. */
export function scalar(name: string, value: number): Resource {
  return { name, type: 'SCALAR', scalar: { value } };
}

/** `ranges('ports', [{ begin: 31000, end: 31009 }])`; both ends are part of the range. */
export function ranges(name: string, range: ValueRange[]): Resource {
  return { name, type: 'RANGES', ranges: { range } };
}

export function set(name: string, item: string[]): Resource {
  return { name, type: 'SET', set: { item } };
}
