/** Completion: three small scripts that ask `cotton __complete` what could follow. */
import type { Command } from 'commander';
import { makeClient, type Context } from '../context.ts';
import { CliError } from '../error.ts';

const SCRIPTS = {
  bash: `_cotton() {
  local IFS=$'\\n'
  COMPREPLY=($(cotton __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -F _cotton cotton`,
  zsh: `#compdef cotton
_cotton() {
  compadd -- \${(f)"$(cotton __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"}
}
compdef _cotton cotton`,
  fish: `complete -c cotton -f -a '(cotton __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
} as const;

export function completionScript(shell: string): string {
  if (Object.hasOwn(SCRIPTS, shell)) return SCRIPTS[shell as keyof typeof SCRIPTS];
  throw new CliError('usage', `Completion is for ${Object.keys(SCRIPTS).join(', ')}, not ${shell}`);
}

/** Commands that take a cluster's name first. */
const TAKES_CLUSTER = [
  'status',
  'scale',
  'delete',
  'mysql',
  'resolve',
  'wait',
  'switchover',
  'failover',
  'hold',
  'durability',
  'promotion',
  'events',
];

/** What could stand in place of the last of `words` (which follow `cotton`). Never fails: no answer is no help. */
export async function complete(
  context: Context,
  program: Command,
  words: readonly string[],
): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = program.commands.find((candidate) => before.includes(candidate.name()));
  return (await candidates(context, program, command, current)).filter((word) => word.startsWith(current));
}

async function candidates(
  context: Context,
  program: Command,
  command: Command | undefined,
  current: string,
): Promise<string[]> {
  if (current.startsWith('-'))
    return [program, ...(command ? [command] : [])].flatMap(({ options }) =>
      options.flatMap(({ long }) => long ?? []),
    );
  if (!command) return program.commands.map((known) => known.name()).filter((name) => !name.startsWith('_'));
  if (command.name() === 'completion') return Object.keys(SCRIPTS);
  return TAKES_CLUSTER.includes(command.name()) ? clusterNames(context) : [];
}

async function clusterNames({ settings }: Context): Promise<string[]> {
  try {
    const answer = await makeClient(settings, 0).list({ signal: AbortSignal.timeout(1_000) });
    return answer.clusters.map(({ name }) => name);
  } catch {
    return [];
  }
}
