import type { Resource } from './types.ts';

const RANGES = /^\[(.*)\]$/;

function parseRanges(name: string, text: string): Resource {
  const range = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [begin, end] = part.split('-').map(Number);
      return { begin: begin!, end: end! };
    });
  return { name, type: 'RANGES', ranges: { range } };
}

function parseOne(entry: string): Resource {
  const colon = entry.indexOf(':');
  const head = entry.slice(0, colon).trim();
  const text = entry.slice(colon + 1).trim();
  const [, name, role] = /^([^(]+)(?:\(([^)]*)\))?$/.exec(head) ?? [];
  if (colon < 0 || !name) throw new Error(`Bad value for resources, missing or extra ':' in ${entry}`);
  const ranges = RANGES.exec(text);
  const resource: Resource = ranges
    ? parseRanges(name, ranges[1]!)
    : { name, type: 'SCALAR', scalar: { value: Number(text) } };
  if (resource.type === 'SCALAR' && !Number.isFinite(resource.scalar!.value))
    throw new Error(`Bad value for resource ${name}: ${text}`);
  return role && role !== '*' ? { ...resource, reservations: [{ type: 'STATIC', role }] } : resource;
}

/** Parses the agents' `--resources`: `cpus:4;mem:4096;disk:10000;ports:[31000-31099]`, or its JSON form. */
export function parseResources(text: string): Resource[] {
  if (text.trim().startsWith('[')) return JSON.parse(text) as Resource[];
  return text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseOne);
}

/** One agent attribute in the v1 JSON form. */
export interface Attribute {
  name: string;
  type: 'SCALAR' | 'RANGES' | 'TEXT';
  scalar?: { value: number };
  ranges?: { range?: { begin: number; end: number }[] };
  text?: { value: string };
}

/** Parses the agents' `--attributes`: `rack:r1;level:5;range:[1-10]`. */
export function parseAttributes(text: string): Attribute[] {
  return text
    .split(';')
    .filter((entry) => entry.trim() !== '')
    .map((entry): Attribute => {
      const colon = entry.indexOf(':');
      const name = entry.slice(0, colon).trim();
      const value = entry.slice(colon + 1).trim();
      if (RANGES.test(value)) return { name, type: 'RANGES', ranges: parseOne(entry).ranges! };
      if (value !== '' && Number.isFinite(Number(value)))
        return { name, type: 'SCALAR', scalar: { value: Number(value) } };
      return { name, type: 'TEXT', text: { value } };
    });
}
