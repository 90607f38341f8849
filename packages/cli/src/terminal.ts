/** The process around the command, as one object that tests can replace. */
import { homedir } from 'node:os';
import { promptSecret, promptText } from './prompt.ts';

export interface Terminal {
  /** Results, to standard output. */
  out(text: string): void;
  /** Progress, questions and errors, to standard error. */
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  /** A person sits at standard input and error. */
  interactive: boolean;
  /** Asks for a line. Only where `interactive`. */
  ask(question: string): Promise<string>;
  /** Asks without echo. Only where `interactive`. */
  askSecret(question: string): Promise<string>;
  /** Ends when the user interrupts. */
  signal: AbortSignal;
}

export function processTerminal(): Terminal {
  const interrupt = new AbortController();
  // The first Ctrl-C ends what is going on in an orderly way, the second one at once (Node's default).
  process.once('SIGINT', () => interrupt.abort());
  process.once('SIGTERM', () => interrupt.abort());
  // `cotton list | head`: a reader that has had enough is no error.
  process.stdout.on('error', () => process.exit(0));
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    home: homedir(),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    ask: promptText,
    askSecret: promptSecret,
    signal: interrupt.signal,
  };
}
