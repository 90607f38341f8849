import type { ServerResponse } from 'node:http';
import type { Codec, MediaType } from '@cotton/mesos';
import { writeMessage } from './media.ts';

export interface StreamOptions {
  codec: Codec<unknown>;
  type: MediaType;
  headers?: Record<string, string>;
  /** Cuts records at hostile places: inside the length, inside a multibyte character, one byte at a time. */
  hostileChunks?: boolean;
}

const CUTS = [1, 2, 1, 7, 1, 3, 64, 1, 1024];

function* hostilePieces(record: Buffer): Generator<Buffer> {
  for (let at = 0, turn = 0; at < record.length; turn += 1) {
    const size = CUTS[turn % CUTS.length]!;
    yield record.subarray(at, at + size);
    at += size;
  }
}

/** A RecordIO event stream on one HTTP response: one event, one record, one chunk. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #options: StreamOptions;
  #open = true;
  onClose: (() => void) | undefined;

  constructor(response: ServerResponse, options: StreamOptions) {
    this.#response = response;
    this.#options = options;
    response.removeHeader('Connection');
    response.socket?.setNoDelay(true);
    response.writeHead(200, { ...options.headers, 'Content-Type': options.type });
    response.flushHeaders();
    response.on('close', () => {
      if (!this.#open) return;
      this.#open = false;
      this.onClose?.();
    });
  }

  get open(): boolean {
    return this.#open;
  }

  send(event: object): void {
    if (!this.#open) return;
    const body = writeMessage(this.#options.codec, event, this.#options.type);
    const record = Buffer.concat([Buffer.from(`${body.length}\n`), body]);
    if (!this.#options.hostileChunks) this.#response.write(record);
    else for (const piece of hostilePieces(record)) this.#response.write(piece);
  }

  /** Ends the stream from our side; `onClose` is not called. */
  end(): void {
    this.#open = false;
    this.#response.end();
  }
}
