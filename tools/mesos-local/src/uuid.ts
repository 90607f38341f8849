import { randomUUID } from 'node:crypto';

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** A fresh version 4 UUID as base64 of its 16 bytes, the form of uuids in the API. */
export const newUuidBytes = (): string => bytesOf(randomUUID()).toString('base64');

/** Mesos accepts 16 bytes with a version from 1 to 5, whatever their variant. */
export function isUuidBytes(base64: string): boolean {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 16) return false;
  const version = bytes[6]! >> 4;
  return version >= 1 && version <= 5;
}
