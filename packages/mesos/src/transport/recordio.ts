import { MesosError } from '../error.ts';

/** A longer size line is no size of anything we would read. */
const MAX_SIZE_DIGITS = 10;
/** A master of ten thousand agents offers all of them in one record of a few MiB. */
export const DEFAULT_MAX_RECORD_BYTES = 64 * 1024 * 1024;

const LINE_FEED = 0x0a;
const ZERO = 0x30;

/** One record of a RecordIO stream: the body's length in bytes as decimal digits, a line feed, the body. */
export function encodeRecord(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${body.length}\n`), body]);
}

/**
 * Cuts a byte stream into records, however it was chunked: sizes and bodies (and the characters in
 * them) may be split anywhere. After it threw, the stream is beyond repair: drop it.
 */
export class RecordDecoder {
  readonly #maxRecordBytes: number;
  #digits = 0;
  #size = 0;
  /** The body being received; undefined while reading its size. */
  #body: Buffer | undefined;
  #filled = 0;

  constructor(maxRecordBytes = DEFAULT_MAX_RECORD_BYTES) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  /**
   * Bodies of the records that this chunk completes, found while iterating: iterate to the end.
   * Throws `record` at a size that is none or too large, after the good records before it.
   */
  *decode(chunk: Uint8Array): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length || this.#isComplete()) {
      if (this.#body === undefined) this.#readSizeByte(chunk[at++] as number);
      else if (this.#isComplete()) yield this.#takeBody();
      else at += this.#fill(chunk.subarray(at));
    }
  }

  /** Whether the stream may end here: not within a record. */
  get atBoundary(): boolean {
    return this.#digits === 0 && this.#body === undefined;
  }

  #readSizeByte(byte: number): void {
    if (byte === LINE_FEED && this.#digits > 0) {
      if (this.#size > this.#maxRecordBytes) {
        throw new MesosError('record', `record of ${this.#size} bytes, limit ${this.#maxRecordBytes}`);
      }
      this.#body = Buffer.allocUnsafe(this.#size);
      return;
    }
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9 || this.#digits === MAX_SIZE_DIGITS) {
      throw new MesosError('record', `not a record size: byte ${byte} after ${this.#digits} digits`);
    }
    this.#size = this.#size * 10 + digit;
    this.#digits += 1;
  }

  #isComplete(): boolean {
    return this.#body !== undefined && this.#filled === this.#size;
  }

  #fill(chunk: Uint8Array): number {
    const part = chunk.subarray(0, this.#size - this.#filled);
    this.#body?.set(part, this.#filled);
    this.#filled += part.length;
    return part.length;
  }

  #takeBody(): Buffer {
    const body = this.#body as Buffer;
    this.#body = undefined;
    this.#digits = this.#size = this.#filled = 0;
    return body;
  }
}
