import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on the terminal; what is typed is not shown. */
export function promptSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    reader.question('', (answer) => {
      resolve(answer);
      reader.close();
    });
    // Ctrl-C and Ctrl-D arrive here, because the reader keeps the terminal in raw mode.
    reader.on('SIGINT', () => reader.close());
    reader.on('close', () => {
      process.stderr.write('\n');
      reject(new Error('no answer'));
    });
  });
}
