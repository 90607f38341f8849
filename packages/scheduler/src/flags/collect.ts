/** Turns the given texts into values, collecting what is wrong instead of stopping at the first problem. */
import { flagProblem, type FlagProblem, type Given } from './arguments.ts';
import { readFile } from './files.ts';
import { environmentName, FLAGS, kindOf, REQUIRED, type FlagName } from './list.ts';
import type { Read } from './read.ts';

const FILE_PREFIX = 'file://';

export class FlagCollector {
  readonly problems: FlagProblem[];
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
    this.problems = [...given.problems];
  }

  /** The flag's value. After a problem there is none, whatever the type says: look at `problems` before using any. */
  required<T>(name: FlagName, read: (text: string) => Read<T>): T {
    const text = this.#text(name) ?? this.#default(name);
    if (text === undefined) this.report(name, missing(name));
    return (text === undefined ? undefined : this.#read(name, text, read)) as T;
  }

  optional<T>(name: FlagName, read: (text: string) => Read<T>): T | undefined {
    const text = this.#text(name);
    return text === undefined ? undefined : this.#read(name, text, read);
  }

  report(name: FlagName, message: string): void {
    this.problems.push(flagProblem(`--${name}`, message));
  }

  isGiven(name: FlagName): boolean {
    return this.#given.values.has(name);
  }

  /** Did a secret-bearing text come as an argument, which every user of the machine can read? */
  isExposed(name: FlagName): boolean {
    const given = this.#given.values.get(name);
    return given?.from === 'argument' && !given.text.startsWith(FILE_PREFIX);
  }

  #read<T>(name: FlagName, text: string, read: (text: string) => Read<T>): T | undefined {
    const result = read(text);
    if ('value' in result) return result.value;
    this.report(name, result.wrong);
    return undefined;
  }

  /** An empty text counts as not given, on the command line as in the environment. */
  #text(name: FlagName): string | undefined {
    const text = this.#given.values.get(name)?.text;
    if (text === undefined || text === '') return undefined;
    if (!kindOf(name).fromFile || !text.startsWith(FILE_PREFIX)) return text;
    const file = readFile(text.slice(FILE_PREFIX.length));
    if ('value' in file) return file.value.toString('utf8').trim();
    this.report(name, file.wrong);
    return undefined;
  }

  #default(name: FlagName): string | undefined {
    return FLAGS[name].default === REQUIRED ? undefined : FLAGS[name].default;
  }
}

function missing(name: FlagName): string {
  const { value, meaning } = kindOf(name);
  return `is missing. ${meaning} Write --${name}=${value ?? ''} or set ${environmentName(name)}.`;
}
