import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

/**
 * What MySQL stores for an account of caching_sha2_password: `$A$005$`, 20 characters of salt, 43 of digest. The digest
 * is SHA-crypt (Drepper, "Unix crypt using SHA-256", 2008) with the longer salt and 1000 × 005 rounds. Made at this
 * side, because a literal in CREATE USER passes a three-byte character set, which loses an emoji, and would be logged.
 */
const PREFIX = '$A$005$';
const ROUNDS = 5000;
const SALT_LENGTH = 20;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function hashPassword(password: Buffer): Buffer {
  const salt = Array.from({ length: SALT_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Buffer.from(PREFIX + salt + digest(password, Buffer.from(salt)));
}

/** Whether `stored`, an account's authentication string, was made from `password`. */
export function matchesPassword(password: Buffer, stored: Buffer): boolean {
  const salt = stored.subarray(PREFIX.length, PREFIX.length + SALT_LENGTH);
  const expected = Buffer.concat([Buffer.from(PREFIX), salt, Buffer.from(digest(password, salt))]);
  return expected.length === stored.length && timingSafeEqual(expected, stored);
}

function digest(password: Buffer, salt: Buffer): string {
  let sum = firstSum(password, salt);
  const p = repeated(sha256(...Array<Buffer>(password.length).fill(password)), password.length);
  const s = repeated(sha256(...Array<Buffer>(16 + (sum[0] ?? 0)).fill(salt)), salt.length);
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1;
    const parts = [odd ? p : sum];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    sum = sha256(...parts, odd ? sum : p);
  }
  return encode(sum);
}

function firstSum(password: Buffer, salt: Buffer): Buffer {
  const inner = sha256(password, salt, password);
  const parts = [password, salt, repeated(inner, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? inner : password);
  return sha256(...parts);
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function repeated(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, block);
}

/** SHA-crypt's own base 64: triples of bytes in a fixed order, least significant six bits first. */
function encode(sum: Buffer): string {
  let text = '';
  for (let i = 0, [a, b, c] = [0, 10, 20]; i < 10; i++, [a, b, c] = [c + 1, a + 1, b + 1]) {
    text += sixBits(((sum[a] ?? 0) << 16) | ((sum[b] ?? 0) << 8) | (sum[c] ?? 0), 4);
  }
  return text + sixBits(((sum[31] ?? 0) << 8) | (sum[30] ?? 0), 3);
}

function sixBits(value: number, count: number): string {
  return Array.from({ length: count }, (_, i) => ALPHABET[(value >> (6 * i)) & 63]).join('');
}
