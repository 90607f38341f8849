/** Runs `action` after that many milliseconds, unless the returned function is called before. */
export type After = (ms: number, action: () => void) => () => void;

/** The clock of the machine. */
export const after: After = (ms, action) => {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
};

/** Resolves after that many milliseconds, or at once when the signal aborts. */
export function sleep(ms: number, clock: After, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      signal.removeEventListener('abort', done);
      cancel();
      resolve();
    };
    const cancel = clock(ms, done);
    signal.addEventListener('abort', done);
  });
}
