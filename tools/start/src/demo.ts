/** What a person sees of `npm start`: the demo cluster coming up, and what to try next. */
import { ApiClient } from '@cotton/api';
import { execa } from 'execa';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from './stack.ts';

export const DEMO = 'demo';
const CLI_LIMIT_MS = 60_000;
const HEALTHY_LIMIT_MS = 180_000;
const POLL_MS = 200;

export type Say = (line: string) => void;

export interface Demo {
  clusterUrl: string;
  seconds: number;
  /** A shell command that kills mysqld of the present primary. */
  killPrimary: string;
}

/** Creates the demo cluster, unless a kept state has it, and waits until it is healthy, telling how it comes along. */
export async function createDemo(stack: Stack, say: Say): Promise<Demo> {
  const started = performance.now();
  const args = [
    'create',
    DEMO,
    '--user',
    'demo',
    '--num_nodes',
    '3',
    '--cpus',
    '0.5',
    '--mem',
    '512mb',
    '--disk',
    '1gb',
  ];
  const created = await cotton(stack, [...args, '--json']);
  const { cluster_url } = JSON.parse(created) as { cluster_url: string };
  await waitForState(stack.api, 'HEALTHY', say);
  const seconds = (performance.now() - started) / 1000;
  return { clusterUrl: cluster_url, seconds, killPrimary: await killCommand(stack.api) };
}

/** Runs the `cotton` command as a user would. @returns its standard output; @throws when it fails */
export async function cotton(stack: Stack, args: string[]): Promise<string> {
  const { stdout } = await execa(stack.cotton, args, { timeout: CLI_LIMIT_MS });
  return stdout;
}

/** Waits for a state of the demo cluster, saying each new reason once. @throws when it takes too long */
export async function waitForState(api: string, wanted: string, say: Say): Promise<void> {
  const client = new ApiClient({ urls: [api] });
  const deadline = performance.now() + HEALTHY_LIMIT_MS;
  let told = '';
  for (;;) {
    const { state, reason } = await client.get(DEMO);
    const line = `${state}: ${reason}`;
    if (line !== told) say(`  ${DEMO} is ${line}`);
    told = line;
    if (state === wanted) return;
    if (performance.now() > deadline) throw new Error(`${DEMO} did not become ${wanted} in time: ${line}`);
    await sleep(POLL_MS);
  }
}

async function killCommand(api: string): Promise<string> {
  const { primary, members } = await new ApiClient({ urls: [api] }).get(DEMO);
  const { host, http_port } = members.find((m) => m.id === primary) ?? {};
  return `kill -9 $(curl -s http://${host}:${http_port}/status | grep -o '"mysqld_pid":[0-9]*' | grep -o '[0-9]*$')`;
}

export function introduction(stack: Stack, demo: Demo | undefined): string {
  const command = relative(process.cwd(), stack.cotton);
  return `
Cotton is up${demo ? `; "${DEMO}" became healthy in ${demo.seconds.toFixed(1)} s` : ''}.

  dashboard   ${stack.api}/
  API         ${stack.api}
  discovery   ${demo?.clusterUrl ?? `${stack.zkUrl}/discover/${DEMO}`}
  Mesos       ${stack.mesos.masterUrl}   (a local stand-in, not Apache Mesos)

Try, in another terminal:
  ${command} status ${DEMO}             its topology
  ${command} mysql ${DEMO} --write      a MySQL client on the primary
  ${demo?.killPrimary ?? ''}
                                        kill the primary and watch another take over
  ${command} scale ${DEMO} 4            one more replica
  ${command} delete ${DEMO}             and nothing of it is left

Ctrl-C stops everything${stack.keep ? ' and keeps the state' : ' and removes it'}.
`;
}
