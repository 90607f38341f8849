import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on the terminal; what is typed is not shown. Rejects when the user gives up. */
export function promptSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  return ask('', silent).finally(() => process.stderr.write('\n'));
}

/** Asks on the terminal. Rejects when the user gives up. */
export function promptText(question: string): Promise<string> {
  return ask(question, process.stderr);
}

function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  return new Promise((resolve, reject) => {
    reader.question(question, (answer) => {
      resolve(answer);
      reader.close();
    });
    // Ctrl-C and Ctrl-D arrive here, because the reader keeps the terminal in raw mode.
    reader.on('SIGINT', () => reader.close());
    reader.on('close', () => reject(new Error('no answer')));
  });
}
