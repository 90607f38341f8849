import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CoordinationError } from './errors.ts';

/** AES-256-GCM; the sealed text is `v1.` and base64url of nonce, ciphertext and tag. */
const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a secret for exactly one place. `context` names that place (cluster uid, instance, field): sealed text
 * copied to another place does not open there.
 */
export function seal(key: Buffer, plaintext: string, context: string): string {
  checkKey(key);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([
    nonce,
    cipher.update(plaintext, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return `${VERSION}.${sealed.toString('base64url')}`;
}

/** @throws CoordinationError('unseal_failed') on a wrong key, another context, damage or an unknown version. */
export function unseal(key: Buffer, sealed: string, context: string): string {
  checkKey(key);
  const [version, encoded, ...more] = sealed.split('.');
  const bytes = Buffer.from(encoded ?? '', 'base64url');
  if (version !== VERSION || more.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) throw failed(context);
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(bytes.length - TAG_BYTES);
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    const ciphertext = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw failed(context, cause);
  }
}

function failed(context: string, cause?: unknown): CoordinationError {
  return new CoordinationError(
    'unseal_failed',
    `The sealed secret for ${context} cannot be opened with this key`,
    { cause },
  );
}

function checkKey(key: Buffer): void {
  if (key.length !== KEY_BYTES)
    throw new RangeError(`A sealing key has ${KEY_BYTES} bytes, not ${key.length}`);
}
