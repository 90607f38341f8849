/** What a person is told when everything is up: where it is, and what to try next. */
import { relative } from 'node:path';
import type { KeptAccount } from './account.ts';
import type { Demo } from './demo.ts';
import { DEMO } from './find-demo.ts';
import type { Stack } from './stack.ts';

export interface Introduced {
  stack: Pick<Stack, 'api' | 'cotton' | 'keep'> & { mesos: { masterUrl: string } };
  demo: Demo;
  account: Pick<KeptAccount, 'api'> | undefined;
  /** Where the account is kept, if it is. */
  accountFile: string;
}

export function introduction({ stack, demo, account, accountFile }: Introduced): string {
  const command = relative(process.cwd(), stack.cotton);
  const kill = [
    `  ${demo.killPrimary}`,
    '                                        kill the primary and watch another take over',
  ];
  return [
    '',
    `Cotton is up; ${verdict(demo)}.`,
    '',
    `  dashboard   ${stack.api}/`,
    `  API         ${stack.api}`,
    `  discovery   ${demo.clusterUrl}`,
    `  password    ${whereIsPassword(stack.api, account, relative(process.cwd(), accountFile))}`,
    `  Mesos       ${stack.mesos.masterUrl}   (a local stand-in, not Apache Mesos)`,
    '',
    'Try, in another terminal:',
    `  ${command} status ${DEMO}             its topology`,
    `  ${command} mysql ${DEMO} --write      a MySQL client on the primary`,
    ...(demo.killPrimary === undefined ? [] : kill),
    `  ${command} scale ${DEMO} 4            one more replica`,
    `  ${command} delete ${DEMO}             and nothing of it is left`,
    '',
    `Ctrl-C stops everything${stack.keep ? ' and keeps the state' : ' and removes it'}.`,
    '',
  ].join('\n');
}

function verdict({ isResumed, state, reason, seconds }: Demo): string {
  const time = `${seconds.toFixed(1)} s`;
  if (!isResumed) return `"${DEMO}" became healthy in ${time}`;
  if (state === 'HEALTHY') return `"${DEMO}", kept from an earlier run, is healthy again after ${time}`;
  return `"${DEMO}", kept from an earlier run, is ${state} after ${time}: ${reason}`;
}

function whereIsPassword(api: string, account: Introduced['account'], file: string): string {
  if (!account)
    return `not kept any more, and never shown again; without --keep the next run makes a new ${DEMO}`;
  if (!account.api.includes(api))
    return `in ${file}; the command asks for it, because the API had another address then`;
  return `in ${file}, where the command finds it`;
}
