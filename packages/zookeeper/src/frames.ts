import { ZooKeeperError } from './errors.ts';

/** The server's own limit is 1 MB per packet by default; a directory listing may be larger where it was raised. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 4;

/**
 * Cuts a byte stream into ZooKeeper's frames (4 bytes big-endian length, then the body).
 * Linear in the bytes received, however they are chunked.
 */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** The frames completed by this chunk, each with its length header. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wantedBytes()) return [];
    const buffer = Buffer.concat(this.#chunks, this.#bytes);
    const { frames, rest } = split(buffer);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    return frames;
  }

  /** How many bytes the next frame needs in all, as far as that is known. */
  #wantedBytes(): number {
    if (this.#bytes < HEADER_BYTES) return HEADER_BYTES;
    const first = this.#chunks[0];
    const header = first && first.length >= HEADER_BYTES ? first : Buffer.concat(this.#chunks, this.#bytes);
    if (header !== first) this.#chunks = [header];
    return frameLength(header, 0);
  }
}

function split(buffer: Buffer): { frames: Buffer[]; rest: Buffer } {
  const frames: Buffer[] = [];
  let offset = 0;
  while (buffer.length - offset >= HEADER_BYTES) {
    const end = offset + frameLength(buffer, offset);
    if (end > buffer.length) break;
    frames.push(buffer.subarray(offset, end));
    offset = end;
  }
  return { frames, rest: buffer.subarray(offset) };
}

function frameLength(buffer: Buffer, offset: number): number {
  const body = buffer.readInt32BE(offset);
  if (body < 0 || body > MAX_FRAME_BYTES) {
    throw new ZooKeeperError('invalid', `A ZooKeeper server sent a packet of ${body} bytes`);
  }
  return HEADER_BYTES + body;
}
