/** The content types of requests: JSON, and the two kinds of form the original's clients send (curl -d and --form). */
import { ApiError } from '@cotton/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** More fields than any request has. */
const FORM_FIELDS_MAX = 50;

export function registerBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    settle(() => parseJson(body as string), done),
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => settle(() => fieldsOf(new URLSearchParams(body as string)), done),
  );
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer) => parseMultipart(body, request.headers['content-type'] ?? ''),
  );
}

function settle(parse: () => unknown, done: (error: Error | null, body?: unknown) => void): void {
  try {
    done(null, parse());
  } catch (error) {
    done(error as Error);
  }
}

/** An empty body is no body. The message never quotes the text: it may hold a password. */
function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('malformed_json', 'The body is not valid JSON.');
  }
}

/** The platform's own reader; the body is in memory and small. */
async function parseMultipart(body: Buffer, contentType: string): Promise<unknown> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new ApiError('malformed_body', 'The body is not valid multipart/form-data.');
  }
  return fieldsOf(form);
}

function fieldsOf(form: URLSearchParams | FormData): Record<string, string> {
  const entries = [...form.entries()];
  if (entries.length > FORM_FIELDS_MAX)
    throw new ApiError('malformed_body', `A form has at most ${FORM_FIELDS_MAX} fields.`);
  const fields = new Map<string, string>();
  for (const [name, value] of entries) {
    if (typeof value !== 'string')
      throw new ApiError('malformed_body', 'A form field holds a file; send text.');
    if (fields.has(name)) throw new ApiError('malformed_body', 'A form field is given twice; send it once.');
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
