import { Agent, request as open, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';

export interface Endpoint {
  host: string;
  port: number;
}

export interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** An answer whose body is still to be read from `message`. */
export interface Answer {
  status: number;
  reason: string;
  /** Names as they were on the wire. */
  headers: Record<string, string>;
  message: IncomingMessage;
}

const ANSWER_DEADLINE_MS = 20_000;
const BODY_DEADLINE_MS = 20_000;

function pairs(raw: string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < raw.length; at += 2) headers[raw[at]!] = raw[at + 1]!;
  return headers;
}

/** The connections of one scenario: each recorded connection is one here. */
export class Connections {
  readonly #agents = new Map<string, Agent>();

  /** Sends a request on the named connection; rejects with Node's error (`code` ECONNREFUSED, …). */
  send(connection: string, endpoint: Endpoint, request: Request): Promise<Answer> {
    const agent = this.#agents.get(connection) ?? new Agent({ keepAlive: true, maxSockets: 1 });
    this.#agents.set(connection, agent);
    return exchange(agent, endpoint, request);
  }

  /** Sends a request on a connection of its own. */
  sendAlone(endpoint: Endpoint, request: Request): Promise<Answer> {
    return exchange(false, endpoint, request);
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}

function exchange(agent: Agent | false, endpoint: Endpoint, request: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host, port } = endpoint;
    const { method, path, headers, body } = request;
    const length = body.length > 0 ? { 'content-length': String(body.length) } : {};
    const sent = open({ agent, host, port, method, path, headers: { ...headers, ...length } }, (message) => {
      message.on('error', () => {});
      clearTimeout(late);
      resolve({
        status: message.statusCode!,
        reason: message.statusMessage!,
        headers: pairs(message.rawHeaders),
        message,
      });
    });
    const late = setTimeout(() => sent.destroy(new Error('no answer')), ANSWER_DEADLINE_MS);
    sent.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    sent.end(body);
  });
}

/** Reads a whole body; with `forMs` what comes in that time, for an answer that does not end. */
export async function readBody(message: IncomingMessage, forMs?: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  message.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => {
    message.on('end', resolve);
    message.on('error', () => resolve());
    message.on('close', resolve);
    setTimeout(resolve, forMs ?? BODY_DEADLINE_MS).unref();
  });
  if (!message.complete) message.destroy();
  return Buffer.concat(chunks);
}

const RAW_DEADLINE_MS = 15_000;
const RAW_READ_MS = 1000;

/** Writes bytes on a plain connection; what comes back until `enough`, by default within a second of the first byte. */
export function rawExchange(
  endpoint: Endpoint,
  bytes: string,
  enough?: (received: string) => boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint, () => socket.write(bytes));
    let received = Buffer.alloc(0);
    const finish = () => {
      clearTimeout(late);
      socket.destroy();
      resolve(received.toString('utf8'));
    };
    let late = setTimeout(finish, RAW_DEADLINE_MS);
    socket.on('data', (chunk) => {
      if (!enough && received.length === 0) {
        clearTimeout(late);
        late = setTimeout(finish, RAW_READ_MS);
      }
      received = Buffer.concat([received, chunk]);
      if (enough?.(received.toString('utf8'))) finish();
    });
    socket.on('end', finish);
    socket.on('error', reject);
  });
}
