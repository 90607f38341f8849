import type { Client, Dispatcher } from 'undici';
import { MesosError } from '../error.ts';
import { RecordDecoder } from './recordio.ts';

/** Error bodies of Mesos are a line of text; more than this is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface GetRequest {
  path: string;
  headers: Record<string, string>;
  signal?: AbortSignal;
}

export interface PostRequest extends GetRequest {
  body: Buffer;
}

/** An ordinary, complete answer. */
export interface Answer {
  kind: 'answer';
  status: number;
  /** Header names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

/** The 200 answer to SUBSCRIBE: a stream of records that ends when the other side ends it. */
export interface Stream {
  kind: 'stream';
  headers: Record<string, string>;
  /** Throws `network` when the connection breaks, `record` for what is no RecordIO. */
  records: AsyncIterable<Buffer>;
}

/** Sends a request and reads the whole answer, at most `maxBytes` of it. Throws `network` for none. */
export async function post(
  client: Client,
  request: PostRequest,
  maxBytes = MAX_ANSWER_BYTES,
): Promise<Answer> {
  return readAnswer(await send(client, 'POST', request), maxBytes);
}

/** The same for a GET. */
export async function get(client: Client, request: GetRequest, maxBytes = MAX_ANSWER_BYTES): Promise<Answer> {
  return readAnswer(await send(client, 'GET', request), maxBytes);
}

/** Sends a SUBSCRIBE. Throws `network` when no answer comes. */
export async function postForStream(client: Client, request: PostRequest): Promise<Answer | Stream> {
  const response = await send(client, 'POST', request);
  if (response.statusCode !== 200) return readAnswer(response, MAX_ANSWER_BYTES);
  return { kind: 'stream', headers: headersOf(response), records: recordsOf(response.body) };
}

async function send(
  client: Client,
  method: 'GET' | 'POST',
  request: GetRequest | PostRequest,
): Promise<Dispatcher.ResponseData> {
  try {
    return await client.request({ method, ...request });
  } catch (cause) {
    throw networkError(cause);
  }
}

async function readAnswer(response: Dispatcher.ResponseData, maxBytes: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new MesosError('http', `answer of more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof MesosError ? cause : networkError(cause);
  }
  return {
    kind: 'answer',
    status: response.statusCode,
    headers: headersOf(response),
    body: Buffer.concat(chunks),
  };
}

async function* recordsOf(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new RecordDecoder();
  try {
    for await (const chunk of body) yield* decoder.decode(chunk);
  } catch (cause) {
    throw cause instanceof MesosError ? cause : networkError(cause);
  }
  if (!decoder.atBoundary) throw new MesosError('record', 'the stream ended within a record');
}

function headersOf(response: Dispatcher.ResponseData): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

function networkError(cause: unknown): MesosError {
  const { code, message } = cause as { code?: string; message?: string };
  return new MesosError('network', code ?? message ?? 'no answer', { cause });
}
