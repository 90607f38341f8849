import { parseArgs } from 'node:util';
import { FAULT_NAMES, FAULTS, type FaultName } from './failover/contender.ts';

const NAMES = ['sizes', 'start', 'create', 'memory', 'failover', 'throughput', 'fetch'] as const;
type BenchName = (typeof NAMES)[number];

const ONLY_WHEN_NAMED: readonly BenchName[] = ['throughput', 'fetch'];

export interface BenchOptions {
  names: BenchName[];
  /** How often what is repeated is repeated. */
  count: number;
  /** For failover. */
  faults: FaultName[];
  /** Failover is also measured of Group Replication. */
  rivals: boolean;
  help: boolean;
}

const COUNT_MAX = 100;

export const USAGE = `npm run bench [-- [options] [name …]]

Measures this checkout on this machine, prints a table and writes .local/bench.json. Nothing is asserted.

  sizes      bundles and executables
  start      npm start to a healthy cluster: from an empty state (cold), with a kept one (cached)
  create     POST to ready for three instances, against a bare mysqld --initialize and start
  memory     scheduler, executor and mysqld, idle
  failover   how long clients cannot write when something happens to the primary, and where the time goes
  throughput writes per second and latency with 1, 8 and 32 clients, beside semi-sync, asynchronous replication and
             Group Replication set up by hand (only when named)
  fetch      what a first run adds: MySQL and ZooKeeper into an empty cache (only when named)

  --count N  repetitions of create, failover and throughput (5; at most ${COUNT_MAX})
  --fault A,B  for failover: only these of
${FAULT_NAMES.map((name) => `             ${name.padEnd(11)} ${FAULTS[name]}`).join('\n')}
  --rivals   for failover: also Group Replication, as it comes and tuned, beside it
  --help     this text
`;

/** @throws Error with a message for the user */
export function parseOptions(args: string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '5' },
      fault: { type: 'string', default: FAULT_NAMES.join(',') },
      rivals: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { rivals, help } = values;
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX)
    throw new Error(`--count must be a whole number from 1 to ${COUNT_MAX}`);
  const unknown = positionals.find((name) => !NAMES.includes(name as BenchName));
  if (unknown !== undefined)
    throw new Error(`there is no benchmark "${unknown}"; there are ${NAMES.join(', ')}`);
  const names = NAMES.filter((name) =>
    positionals.length > 0 ? positionals.includes(name) : !ONLY_WHEN_NAMED.includes(name),
  );
  return { names, count, faults: parseFaults(values.fault), rivals, help };
}

/** In the order of `FAULTS`, whatever theirs is. */
function parseFaults(text: string): FaultName[] {
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !FAULT_NAMES.includes(name as FaultName));
  if (unknown !== undefined)
    throw new Error(`there is no fault "${unknown}"; there are ${FAULT_NAMES.join(', ')}`);
  return FAULT_NAMES.filter((name) => wanted.includes(name));
}
