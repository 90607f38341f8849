import { hash, randomInt, timingSafeEqual } from 'node:crypto';

/**
 * What MySQL stores for an account of caching_sha2_password: `$A$`, thousands of rounds as three hexadecimal digits,
 * `$`, 20 characters of salt, 43 of digest. The digest is SHA-crypt (Drepper, "Unix crypt using SHA-256", 2008) with
 * that longer salt. Made at this side, because a literal in CREATE USER passes a three-byte character set, which loses
 * an emoji, and might be logged.
 */
const FORM = /^\$A\$([0-9A-F]{3})\$([^]{20})[^]{43}$/;
/** As MySQL 9.7 has it by default; 8.4 takes it too. */
const THOUSANDS = 0x00a;
const SALT_LENGTH = 20;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function hashPassword(password: Buffer): Buffer {
  const salt = Array.from({ length: SALT_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return compose(password, salt, THOUSANDS);
}

/** Whether `stored`, an account's authentication string, was made from `password`. */
export function matchesPassword(password: Buffer, stored: Buffer): boolean {
  const [, thousands = '', salt = ''] = FORM.exec(stored.toString('latin1')) ?? [];
  if (salt === '') return false;
  return timingSafeEqual(compose(password, salt, parseInt(thousands, 16)), stored);
}

function compose(password: Buffer, salt: string, thousands: number): Buffer {
  const rounds = thousands.toString(16).toUpperCase().padStart(3, '0');
  const sum = digest(password, Buffer.from(salt, 'latin1'), thousands * 1000);
  return Buffer.from(`$A$${rounds}$${salt}${sum}`, 'latin1');
}

function digest(password: Buffer, salt: Buffer, rounds: number): string {
  let sum = firstSum(password, salt);
  const p = repeated(sha256(...Array<Buffer>(password.length).fill(password)), password.length);
  const s = repeated(sha256(...Array<Buffer>(16 + (sum[0] ?? 0)).fill(salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
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
  // Through a string: a digest as buffer takes three times as long, and there are ten thousand of them.
  return Buffer.from(hash('sha256', Buffer.concat(parts), 'binary'), 'binary');
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
