import { parseArgs } from 'node:util';

export interface ModelOptions {
  scopes: string[];
  traps: string[];
  deep: boolean;
  story: boolean;
  list: boolean;
  help: boolean;
}

export const USAGE = `npm run model [-- options]

The failover protocol as a small Spin model (tools/model/model). Every history within several small scopes is looked at,
and none may lose an acknowledged transaction. Then each safety rule is left out in turn, and that has to be found.

  --scope a,b   only these scopes, and no traps
  --trap a,b    only these rules left out, and no scopes
  --deep        also the scopes that take minutes and up to 12 GB of memory
  --story       tell, step by step, the histories that go wrong
  --list        only list scopes and traps
  --help

The exit code is 0 only when every scope was looked at to its end and holds, and every missing rule was caught.
`;

/** @throws Error with a message for the user */
export function parseOptions(args: string[]): ModelOptions {
  const flag = { type: 'boolean', default: false } as const;
  const names = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({
    args,
    options: { scope: names, trap: names, deep: flag, story: flag, list: flag, help: flag },
  });
  const split = (given: string[] | undefined): string[] => (given ?? []).flatMap((value) => value.split(','));
  const { scope, trap, ...flags } = values;
  return { scopes: split(scope), traps: split(trap), ...flags };
}

/** Those that `names` asks for. @throws Error when there is no such thing */
export function named<T extends { name: string }>(all: T[], names: string[], kind: string): T[] {
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`there is no ${kind} "${unknown}"; see --list`);
  return all.filter((one) => names.includes(one.name));
}
