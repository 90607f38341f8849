import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer } from '../http/answers.ts';
import type { Credential } from './config.ts';

const equal = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** The principal of a request's basic credentials; `undefined` when there are none or wrong ones. */
export function principalOf(request: IncomingMessage, credentials: Credential[]): string | undefined {
  const [, encoded] = /^Basic (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const [principal, secret] = [text.slice(0, colon), text.slice(colon + 1)];
  return credentials.find((known) => equal(known.principal, principal) && equal(known.secret, secret))
    ?.principal;
}

export const answerUnauthorized = (response: ServerResponse, realm: string): void =>
  answer(response, 401, '', { 'WWW-Authenticate': `Basic realm="${realm}"` });
