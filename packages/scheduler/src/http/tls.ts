/** A certificate that is renewed while the scheduler runs. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { SecureContextOptions, Server } from 'node:tls';
import type { Log } from '../log.ts';

export interface TlsPaths {
  cert: string;
  key: string;
}

const LOOK_EVERY_MS = 5_000;

/** @throws when a file cannot be read; parseFlags has checked both. */
export function loadTls(paths: TlsPaths): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(paths.cert), key: readFileSync(paths.key) };
}

/**
 * Gives the server the files' new content when they change; connections that exist keep the old certificate.
 * Files that do not fit each other, as halfway through a renewal, change nothing. Returns a function that stops it.
 */
export function followCertificate(
  server: Pick<Server, 'setSecureContext'>,
  paths: TlsPaths,
  log: Log,
  lookEveryMs = LOOK_EVERY_MS,
): () => void {
  const reload = () => {
    try {
      const context: SecureContextOptions = loadTls(paths);
      server.setSecureContext(context);
      log.info({ cert: paths.cert }, 'certificate read again');
    } catch (err) {
      log.warn({ err, cert: paths.cert }, 'certificate not usable, keeping the old one');
    }
  };
  // Polling: renewals replace files through links and renames, which notifications on an inode miss.
  for (const path of [paths.cert, paths.key])
    watchFile(path, { interval: lookEveryMs, persistent: false }, reload);
  return () => {
    for (const path of [paths.cert, paths.key]) unwatchFile(path, reload);
  };
}
