import type { Context } from '../context.ts';
import { CliError } from '../error.ts';
import { printable } from '../text.ts';

/** One line for each event, until interrupted; with --json each is one JSON document. */
export async function events(
  context: Context,
  name: string | undefined,
  after: string | undefined,
): Promise<void> {
  const { terminal, json } = context;
  const { signal } = terminal;
  try {
    const options = { signal, ...(after !== undefined && { after }) };
    for await (const followed of context.api().events(name, options)) {
      if (followed === 'gap') terminal.err('Some events may be missing here.\n');
      else terminal.out(json ? `${JSON.stringify(followed.event)}\n` : `${lineOf(followed.event)}\n`);
    }
  } catch (error) {
    if (signal.aborted) throw new CliError('interrupted', 'Interrupted', { cause: error });
    throw error;
  }
}

function lineOf({
  at,
  cluster,
  kind,
  message,
}: {
  at: string;
  cluster: string;
  kind: string;
  message: string;
}): string {
  return printable(`${at}  ${cluster}  ${kind}  ${message}`);
}
