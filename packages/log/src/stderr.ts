import { writeSync } from 'node:fs';

export interface Destination {
  write(line: string): void;
}

/**
 * Synchronous: the last lines before an exit are the ones somebody will look for. What cannot be written is dropped: a
 * full disk under the log must end nobody, an executor least of all, whose mysqld waits for room. pino's own
 * destination throws then, and waits for room for ever at an exit.
 */
export function stderr(): Destination {
  let isTorn = false;
  return {
    write(line) {
      let rest = Buffer.from(isTorn ? `\n${line}` : line);
      try {
        while (rest.length > 0) {
          rest = rest.subarray(writeSync(2, rest));
          isTorn = rest.length > 0;
        }
      } catch {
        // Whom should it be told?
      }
    },
  };
}
