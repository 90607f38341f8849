/** From the command line and the environment to one text per flag; what the texts mean is not known here. */
import { environmentName, FLAG_NAMES, isFlagName, kindOf, type FlagName } from './list.ts';

export interface FlagProblem {
  /** Such as `--port`; also an argument that is no flag. */
  flag: string;
  /** What is wrong and what to do about it, starting with the flag. Never holds a value that may be secret. */
  message: string;
}

/** @param predicate continues the sentence that the flag starts. */
export function flagProblem(flag: string, predicate: string): FlagProblem {
  return { flag, message: `${flag} ${predicate}` };
}

export interface GivenFlag {
  text: string;
  from: 'argument' | 'environment';
}

export interface Given {
  values: Map<FlagName, GivenFlag>;
  problems: FlagProblem[];
  help: boolean;
}

const ARGUMENTS_MAX = 1000;

/** Reads `--flag=value`, `--flag value`, `--switch` and `--no-switch`. The command line goes before the environment. */
export function readArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Given {
  const given: Given = { values: new Map(), problems: [], help: false };
  for (const name of FLAG_NAMES) {
    const text = env[environmentName(name)];
    if (text !== undefined && text !== '') given.values.set(name, { text, from: 'environment' });
  }
  const rest = argv.slice(0, ARGUMENTS_MAX);
  while (rest.length > 0) readOne(rest, given);
  return given;
}

/** Takes one flag, with its value, from the front of `rest`. */
function readOne(rest: string[], given: Given): void {
  const argument = rest.shift() as string;
  if (argument === '--help' || argument === '-h') {
    given.help = true;
    return;
  }
  const [, key, text] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
  if (key === undefined) {
    given.problems.push(flagProblem(shorten(argument), 'is not a flag; flags start with "--".'));
    return;
  }
  const negated = /^no[-_](.+)$/.exec(key)?.[1];
  if (negated !== undefined && isFlagName(negated) && isSwitch(negated))
    return note(given, negated, text ? `no ${text}` : 'false');
  if (!isFlagName(key)) {
    given.problems.push(flagProblem(`--${shorten(key)}`, unknown(key)));
    return;
  }
  if (text !== undefined || isSwitch(key)) return note(given, key, text ?? 'true');
  if (rest[0] === undefined || rest[0].startsWith('--')) {
    given.problems.push(flagProblem(`--${key}`, `has no value; write --${key}=${kindOf(key).value}.`));
    return;
  }
  note(given, key, rest.shift() as string);
}

function note(given: Given, name: FlagName, text: string): void {
  const before = given.values.get(name);
  if (before?.from === 'argument' && before.text !== text)
    given.problems.push(flagProblem(`--${name}`, 'is given twice with different values; remove one.'));
  given.values.set(name, { text, from: 'argument' });
}

function isSwitch(name: FlagName): boolean {
  return kindOf(name).value === undefined;
}

function unknown(key: string): string {
  const meant = key.replaceAll('-', '_').toLowerCase();
  return isFlagName(meant) ? `is unknown; did you mean --${meant}?` : 'is unknown; --help lists all flags.';
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
