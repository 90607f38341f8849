import type { IncomingMessage } from 'node:http';
import { RecordDecoder } from '@cotton/mesos';
import type { Json, JsonObject } from '../trace/trace.ts';

export interface ReceivedEvent {
  event: JsonObject;
  /** Its place among all events of the stream. */
  index: number;
  atMs: number;
  /** Line of the recording that was being replayed when it came. */
  duringLine: number;
  used: boolean;
}

export interface ReceivedOffer {
  offer: JsonObject & { id: { value: string }; resources: Json[] };
  received: ReceivedEvent;
  used: boolean;
}

export type Decode = (record: Buffer) => JsonObject;

/** Events of one open subscription, kept until a line of the recording asks for them. */
export class EventStream {
  readonly events: ReceivedEvent[] = [];
  readonly offers: ReceivedOffer[] = [];
  readonly rescinded = new Set<string>();
  ended = false;
  broken: string | undefined;
  readonly #message: IncomingMessage;
  readonly #wakers = new Set<() => void>();

  constructor(message: IncomingMessage, decode: Decode, currentLine: () => number) {
    this.#message = message;
    const decoder = new RecordDecoder();
    message.on('data', (chunk: Buffer) => {
      for (const record of decoder.decode(chunk)) this.#receive(decode(record), currentLine());
      this.#wake();
    });
    const end = () => {
      this.ended = true;
      this.#wake();
    };
    message.on('end', end);
    message.on('close', end);
    message.on('error', (error: NodeJS.ErrnoException) => (this.broken = error.code ?? error.message));
  }

  #receive(event: JsonObject, duringLine: number): void {
    const received = { event, index: this.events.length, atMs: performance.now(), duringLine, used: false };
    this.events.push(received);
    if (event.type !== 'OFFERS') return;
    received.used = true;
    const { offers } = event.offers as { offers: ReceivedOffer['offer'][] };
    for (const offer of offers) this.offers.push({ offer, received, used: false });
  }

  #wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }

  /** Waits until `find` gives something; `undefined` when no time is left or the stream ended. */
  async until<T>(find: () => T | undefined, leftMs: () => number): Promise<T | undefined> {
    for (;;) {
      const found = find();
      const left = leftMs();
      if (found !== undefined || left <= 0) return found;
      if (this.ended) return find();
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.#wakers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.#wakers.add(done);
      });
    }
  }

  /** Breaks the connection from our side. */
  cut(): void {
    this.#message.destroy();
  }
}
