import type { Op } from '@cotton/zookeeper';
import { StateError } from './errors.ts';

/** What a file of the local store holds. */
export interface StateFile {
  version: number;
  /** The record is to be gone; the file stays until `pending` is done. */
  removed: boolean;
  /** Ops of the last write that belong into ZooKeeper. */
  pending: readonly Op[];
  record: Buffer;
}

const FORMAT = 1;
const NEWLINE = 0x0a;

/** One line of JSON, then the record as its codec made it (so that a person can read both). */
export function encodeStateFile({ version, removed, pending, record }: StateFile): Buffer {
  const ops = pending.map((op) => ('data' in op ? { ...op, data: op.data.toString('base64') } : op));
  const header = JSON.stringify({ format: FORMAT, version, removed, pending: ops });
  return Buffer.concat([Buffer.from(`${header}\n`), record]);
}

/** @throws StateError `corrupt_state` naming the file */
export function decodeStateFile(data: Buffer, file: string): StateFile {
  const end = data.indexOf(NEWLINE);
  let header: Partial<Record<string, unknown>> | null;
  try {
    header = JSON.parse(data.subarray(0, end < 0 ? data.length : end).toString()) as typeof header;
  } catch (cause) {
    throw new StateError('corrupt_state', `${file}: its first line is not JSON`, { cause });
  }
  if (header?.['format'] !== FORMAT) {
    throw new StateError(
      'corrupt_state',
      `${file} has format ${String(header?.['format'])}; this Cotton reads ${FORMAT}`,
    );
  }
  const { version, removed, pending } = header;
  if (end < 0 || !Number.isInteger(version) || typeof removed !== 'boolean' || !Array.isArray(pending)) {
    throw new StateError('corrupt_state', `${file}: its first line lacks members`);
  }
  return {
    version: version as number,
    removed,
    pending: (pending as Op[]).map(decodeOp),
    record: data.subarray(end + 1),
  };
}

/** Data went through JSON as base64. */
function decodeOp(op: Op): Op {
  return 'data' in op ? { ...op, data: Buffer.from(String(op.data), 'base64') } : op;
}
