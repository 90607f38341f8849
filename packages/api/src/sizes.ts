/** Instance sizes as people write them (`{"cpus": 1, "mem": "512mb", "disk": "2gb"}`) and as Mesos counts them. */

/** What one instance gets. Megabytes are Mesos's: 1 MB = 1,048,576 bytes. */
export interface InstanceSize {
  cpus: number;
  memMb: number;
  diskMb: number;
}

/** The same on the wire. */
export interface WireSize {
  cpus: number;
  mem: string;
  disk: string;
}

/** The original's defaults. */
export const DEFAULT_SIZE: InstanceSize = { cpus: 1, memMb: 512, diskMb: 2048 };
/** Below this, MySQL and its executor cannot run. */
export const MIN_SIZE: InstanceSize = { cpus: 0.1, memMb: 384, diskMb: 512 };
/** Above this, it is a mistake: no machine is that large. */
export const MAX_SIZE: InstanceSize = { cpus: 1024, memMb: 64 * 1024 ** 2, diskMb: 4096 * 1024 ** 2 };

export type SizeProblem = { code: 'invalid_size' | 'size_too_small'; message: string };
export type SizeResult = { size: InstanceSize } | { problem: SizeProblem };

const MB_PER_UNIT = new Map([
  ['b', 1 / 1024 ** 2],
  ['kb', 1 / 1024],
  ['mb', 1],
  ['gb', 1024],
  ['tb', 1024 ** 2],
]);
const DATA_SIZE = /^\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)\s*$/i;
const EXAMPLE = '{"cpus": 1.0, "mem": "512mb", "disk": "2gb"}';

/** `512mb`, `1.5GB`, `2 tb` → whole megabytes, rounded up; or what is wrong with the text. */
export function parseDataSize(text: unknown): { mb: number } | { wrong: string } {
  if (typeof text !== 'string') return { wrong: 'must be a text with a unit, such as "512mb"' };
  const shown = JSON.stringify(text.slice(0, 40));
  const [, number, unit] = DATA_SIZE.exec(text) ?? [];
  if (number === undefined || unit === undefined)
    return { wrong: `${shown} is not a positive amount with a unit, such as "512mb"` };
  if (unit === '') return { wrong: `${shown} has no unit: write b, kb, mb, gb or tb` };
  const factor = MB_PER_UNIT.get(unit.toLowerCase());
  if (factor === undefined) return { wrong: `${shown} has an unknown unit: write b, kb, mb, gb or tb` };
  const mb = Math.ceil(Number(number) * factor);
  return mb > 0 ? { mb } : { wrong: `${shown} is not positive` };
}

/** Megabytes in the largest unit that needs no fraction: 2048 → `2gb`. */
export function formatDataSize(mb: number): string {
  if (mb >= 1024 ** 2 && mb % 1024 ** 2 === 0) return `${mb / 1024 ** 2}tb`;
  if (mb >= 1024 && mb % 1024 === 0) return `${mb / 1024}gb`;
  return `${mb}mb`;
}

export function formatSize(size: InstanceSize): WireSize {
  return { cpus: size.cpus, mem: formatDataSize(size.memMb), disk: formatDataSize(size.diskMb) };
}

/** Reads a size: JSON text (form field) or an object (JSON body). Nothing given means the default. */
export function parseSize(input: unknown): SizeResult {
  if (input === undefined || input === null || input === '') return { size: DEFAULT_SIZE };
  const value = typeof input === 'string' ? parseJson(input) : input;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid(`must be a JSON object like ${EXAMPLE}`);
  return readSize(value as Record<string, unknown>);
}

function readSize(value: Record<string, unknown>): SizeResult {
  const stranger = Object.keys(value).find((key) => !['cpus', 'mem', 'disk'].includes(key));
  if (stranger !== undefined) return invalid(`has the unknown key ${JSON.stringify(stranger.slice(0, 40))}`);
  const missing = ['cpus', 'mem', 'disk'].filter((key) => value[key] === undefined);
  if (missing.length > 0) return invalid(`lacks ${missing.join(' and ')}; write ${EXAMPLE}`);

  const cpus = parseCpus(value.cpus);
  if (cpus === undefined) return invalid('cpus must be a positive number, such as 1.0');
  const mem = parseDataSize(value.mem);
  if ('wrong' in mem) return invalid(`mem ${mem.wrong}`);
  const disk = parseDataSize(value.disk);
  if ('wrong' in disk) return invalid(`disk ${disk.wrong}`);
  return withinLimits({ cpus, memMb: mem.mb, diskMb: disk.mb });
}

/** Mesos keeps three decimals of a scalar; the original accepted numbers and their text. */
function parseCpus(input: unknown): number | undefined {
  const isNumeric = typeof input === 'number' || (typeof input === 'string' && /^\d+(\.\d+)?$/.test(input));
  const cpus = isNumeric ? Math.round(Number(input) * 1000) / 1000 : NaN;
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined;
}

function withinLimits(size: InstanceSize): SizeResult {
  const { cpus, memMb, diskMb } = size;
  if (cpus < MIN_SIZE.cpus || memMb < MIN_SIZE.memMb || diskMb < MIN_SIZE.diskMb)
    return { problem: { code: 'size_too_small', message: `must be at least ${describe(MIN_SIZE)}` } };
  if (cpus > MAX_SIZE.cpus || memMb > MAX_SIZE.memMb || diskMb > MAX_SIZE.diskMb)
    return invalid(`must be at most ${describe(MAX_SIZE)}`);
  return { size };
}

function describe(size: InstanceSize): string {
  const { cpus, mem, disk } = formatSize(size);
  return `${cpus} cpus, ${mem} mem, ${disk} disk`;
}

function invalid(message: string): SizeResult {
  return { problem: { code: 'invalid_size', message } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
