/** Bodies that are too large are refused early: without reading them, and so that the client sees the answer. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ApiError } from '@cotton/api';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Larger than any request: 5 fields, of which the longest has 256 bytes. */
export const BODY_MAX_BYTES = 64 * 1024;
/** How much, and how long, a refused client may go on sending before the connection is cut. */
const LINGER_MAX_BYTES = 1024 ** 2;
const LINGER_MAX_MS = 2_000;

/** Refuses by the declared length, before anything of the body is read. @throws ApiError body_too_large */
export function refuseOversized(request: FastifyRequest): void {
  if (isOversized(request.raw)) throw new ApiError('body_too_large', 'The body is larger than 64 KiB.');
}

/** With `Expect: 100-continue` an oversized body is never even sent. */
export function refuseExpectedOversized(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!isOversized(request)) response.writeContinue();
    server.emit('request', request, response);
  });
}

/**
 * Answers at once, then reads on for a moment before it closes: a socket closed with unread data is reset, and
 * the client would lose the answer. The connection cannot be kept, because its next bytes belong to the body.
 */
export function answerAndLinger(request: FastifyRequest, reply: FastifyReply, body: string): FastifyReply {
  const { raw } = reply;
  raw.writeHead(reply.statusCode, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  reply.hijack();
  raw.write(body);
  const close = () => {
    clearTimeout(timer);
    raw.end();
  };
  const timer = setTimeout(() => request.raw.destroy(), LINGER_MAX_MS);
  let received = 0;
  request.raw.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > LINGER_MAX_BYTES) request.raw.destroy();
  });
  request.raw.once('end', close).once('close', close).resume();
  return reply;
}

function isOversized(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? 0) > BODY_MAX_BYTES;
}
