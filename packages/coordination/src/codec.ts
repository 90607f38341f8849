import { CoordinationError } from './errors.ts';

/** How a document becomes bytes and back; `decode` throws on what it cannot read. */
export interface Codec<T> {
  encode(document: T): Buffer;
  decode(data: Buffer): T;
}

/** @throws CoordinationError('too_large') naming the node. */
export function encodeLimited<T>(codec: Codec<T>, document: T, path: string, maxBytes: number): Buffer {
  const data = codec.encode(document);
  if (data.length <= maxBytes) return data;
  throw new CoordinationError('too_large', `${path}: ${data.length} bytes, at most ${maxBytes} are allowed`);
}

/** @throws CoordinationError('bad_document') naming the node. */
export function decodeAt<T>(codec: Codec<T>, data: Buffer, path: string): T {
  try {
    return codec.decode(data);
  } catch (cause) {
    throw new CoordinationError('bad_document', `${path}: ${(cause as Error).message}`, { cause });
  }
}
