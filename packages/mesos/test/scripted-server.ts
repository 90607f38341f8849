import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  encodeRecord,
  executorCall,
  executorEvent,
  schedulerCall,
  schedulerEvent,
  type ExecutorCall,
  type ExecutorEvent,
  type SchedulerCall,
  type SchedulerEvent,
} from '../src/index.ts';

export interface Request<Call> {
  call: Call;
  headers: IncomingMessage['headers'];
  /** Distinguishes TCP connections. */
  socket: Socket;
  /** Answers with a status, headers and a text. */
  answer: (status: number, text?: string, headers?: Record<string, string>) => void;
  /** Answers 200 and keeps the stream open. */
  stream: (headers?: Record<string, string>) => EventStream;
}

/** The open answer to a SUBSCRIBE. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #encode: (event: object) => Buffer;

  constructor(response: ServerResponse, encode: (event: object) => Buffer) {
    this.#response = response;
    this.#encode = encode;
  }

  /** In chunks of `chunkBytes`, each its own TCP write. */
  async send(event: SchedulerEvent | ExecutorEvent, chunkBytes = Infinity): Promise<void> {
    await this.sendBytes(encodeRecord(this.#encode(event)), chunkBytes);
  }

  async sendBytes(bytes: Buffer, chunkBytes = Infinity): Promise<void> {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      this.#response.write(bytes.subarray(at, at + chunkBytes));
      if (Number.isFinite(chunkBytes)) await new Promise(setImmediate);
    }
  }

  end(): void {
    this.#response.end();
  }

  breakOff(): void {
    this.#response.destroy();
  }

  /** Resolves when the other side has gone. */
  async closed(): Promise<void> {
    if (!this.#response.destroyed) await once(this.#response, 'close');
  }
}

/** A master or agent that does exactly what a test tells it to. */
export class ScriptedServer<Call> {
  /** Every call received, in order. */
  readonly calls: Request<Call>[] = [];
  /** What to do with a call; by default 202. */
  onCall: (request: Request<Call>) => void = (request) => request.answer(202);
  port = 0;
  readonly #server: Server;
  readonly #decode: (body: Buffer) => Call;
  readonly #encode: (event: object) => Buffer;

  constructor(decode: (body: Buffer) => Call, encode: (event: object) => Buffer) {
    this.#decode = decode;
    this.#encode = encode;
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  /** The same port again after `close`. */
  async listen(): Promise<this> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received: Request<Call> = {
      call: this.#decode(Buffer.concat(chunks)),
      headers: request.headers,
      socket: request.socket,
      answer: (status, text = '', headers = {}) => void response.writeHead(status, headers).end(text),
      stream: (headers = {}) => {
        response.writeHead(200, { 'content-type': 'application/x-protobuf', ...headers }).flushHeaders();
        return new EventStream(response, this.#encode);
      },
    };
    this.calls.push(received);
    this.onCall(received);
  }
}

export function scriptedMaster(): ScriptedServer<SchedulerCall> {
  return new ScriptedServer(
    (body) => schedulerCall.decode(body),
    (event) => schedulerEvent.encode(event),
  );
}

export function scriptedAgent(): ScriptedServer<ExecutorCall> {
  return new ScriptedServer(
    (body) => executorCall.decode(body),
    (event) => executorEvent.encode(event as ExecutorEvent),
  );
}
