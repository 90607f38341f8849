import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { fileOf } from '../flags.ts';
import { answer } from './answers.ts';

export interface Credential {
  principal: string;
  secret: string;
}

/** A credentials file: JSON `{"credentials":[…]}`, or one `principal secret` per line. */
export function readCredentials(file: string | undefined): Credential[] {
  if (file === undefined) return [];
  const text = readFileSync(fileOf(file), 'utf8');
  if (text.trim().startsWith('{')) return (JSON.parse(text) as { credentials: Credential[] }).credentials;
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([principal]) => principal !== '')
    .map(([principal, secret]) => ({ principal: principal!, secret: secret ?? '' }));
}

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
  answer(response, 401, '401 Unauthorized.', { 'WWW-Authenticate': `Basic realm="${realm}"` });
