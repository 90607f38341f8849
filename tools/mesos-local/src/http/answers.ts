import type { IncomingMessage, ServerResponse } from 'node:http';

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Answers as libprocess does: no `Connection` header, text with its charset, empty bodies with length 0. */
export function answer(
  response: ServerResponse,
  status: number,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
): void {
  const length = String(Buffer.byteLength(body));
  const type = length === '0' ? {} : { 'Content-Type': 'text/plain; charset=utf-8' };
  response.removeHeader('Connection');
  response.writeHead(status, { ...type, ...headers, 'Content-Length': length });
  response.end(body);
}

export const answerJson = (
  response: ServerResponse,
  text: string,
  headers: Record<string, string> = {},
): void => answer(response, 200, text, { 'Content-Type': 'application/json', ...headers });

/** The 405 with a body that names the methods, sent also to HEAD, which breaks HTTP parsers as Mesos does. */
export function answerMethodNotAllowed(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: string[],
): void {
  const names = allowed.map((method) => `'${method}'`).join(', ');
  const body = `405 Method Not Allowed. Expecting one of { ${names} }, but received '${request.method}'.`;
  if (request.method !== 'HEAD') return answer(response, 405, body, { Allow: allowed.join(', ') });
  request.socket.write(
    `HTTP/1.1 405 Method Not Allowed\r\nDate: ${new Date().toUTCString()}\r\nAllow: ${allowed.join(', ')}\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  response.detachSocket(request.socket);
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error('request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
