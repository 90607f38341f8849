import { parseArgs } from 'node:util';
import { faultNamed, FAULTS } from './faults/index.ts';
import type { Fault } from './faults/fault.ts';
import { type Trap, trapNamed } from './traps.ts';

export interface ChaosOptions {
  seed: number;
  /** No round starts after this time. */
  minutes: number;
  faults: Fault[];
  each: number;
  /** Members of the cluster. */
  nodes: number;
  resume: boolean;
  processesOnly: boolean;
  sessionTimeoutMs: number;
  /** Of each writer between two writes. */
  pauseMs: number;
  /** File of results; default `.local/chaos.jsonl`. */
  results: string | undefined;
  help: boolean;
  list: boolean;
  listTraps: boolean;
  /** A bug to play with; rounds end with the first that shows it. */
  trap: Trap | undefined;
  /** Only print the table of results for commits that begin so, of all seeds. */
  table: string | undefined;
}

export const USAGE = `npm run chaos [-- options]

Real mysqlds, three ZooKeepers, two schedulers, a local Mesos; clients that write, move money and read; one fault at a
time, and after each the history is checked: nothing acknowledged is lost, nobody acknowledges beside the primary.
As root each part is on a host of its own (a network namespace); otherwise only faults of processes are possible.

  --faults a,b|all   which faults (all); --list shows them
  --each N           how often each (1)
  --nodes N          members of the cluster (3)
  --minutes N        start no round after N minutes (60)
  --seed N           the chances (1); the same seed plays the same rounds
  --resume           go on where an earlier run of this product, seed and number of nodes stopped
  --session MS       ZooKeeper session timeout of schedulers and executors (6000)
  --pause MS         of each of the four writers between two writes (15); transfers wait twice as long
  --processes-only   no network namespaces, also as root
  --results FILE     where results are appended (.local/chaos.jsonl)
  --table COMMIT     only print the results there are for a product, of all seeds
  --trap NAME        with a deliberate bug in the product: its fault, or those given, up to N times each (5) until one
                     round shows it; the exit code is 0 only when one did
  --list, --list-traps, --help

Results are those of a product: the last commit that touched packages/*/src (tests apart) or packages/*/package.json.

The exit code is 0 only when no round found a violation. History and logs of one that did are kept, and it says where.
`;

const MINUTES_MAX = 7 * 24 * 60;
const NODES_MAX = 7;
const TRAP_ROUNDS = '5';

/** @throws Error with a message for the user */
export function parseOptions(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '60' },
      faults: { type: 'string' },
      each: { type: 'string' },
      nodes: { type: 'string', default: '3' },
      session: { type: 'string', default: '6000' },
      pause: { type: 'string', default: '15' },
      results: { type: 'string' },
      table: { type: 'string' },
      trap: { type: 'string' },
      resume: { type: 'boolean', default: false },
      'processes-only': { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      'list-traps': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const trap = values.trap === undefined ? undefined : readTrap(values.trap);
  return {
    seed: whole('seed', values.seed, 0, 2 ** 31),
    minutes: whole('minutes', values.minutes, 1, MINUTES_MAX),
    faults: readFaults(values.faults ?? trap?.fault ?? 'all'),
    each: whole('each', values.each ?? (trap ? TRAP_ROUNDS : '1'), 1, 10_000),
    nodes: whole('nodes', values.nodes, 3, NODES_MAX),
    resume: values.resume,
    processesOnly: values['processes-only'],
    pauseMs: whole('pause', values.pause, 0, 10_000),
    sessionTimeoutMs: whole('session', values.session, 1_000, 60_000),
    results: values.results,
    table: values.table,
    help: values.help,
    list: values.list,
    listTraps: values['list-traps'],
    trap,
  };
}

function readFaults(text: string): Fault[] {
  if (text === 'all') return [...FAULTS];
  return text.split(',').map((name) => {
    const fault = faultNamed(name.trim());
    if (!fault) throw new Error(`there is no fault "${name}"; --list shows them`);
    return fault;
  });
}

function readTrap(name: string): Trap {
  const trap = trapNamed(name);
  if (!trap) throw new Error(`there is no trap "${name}"; --list-traps shows them`);
  return trap;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
}
