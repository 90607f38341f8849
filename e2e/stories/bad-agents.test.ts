/** What goes wrong on an agent is told to the one who asked for the cluster, and ends when its cause does. */
import { once } from 'node:events';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createCluster, deleteCluster, untilGone, untilHealthy } from '../harness/cluster.ts';
import { mustSucceed } from '../harness/cli.ts';
import { eventually } from '../harness/eventually.ts';
import { untilNothingLeft } from '../harness/leftovers.ts';
import type { Stack } from '../harness/stack.ts';
import { needs, useStack } from '../harness/use-stack.ts';

const NO_SUCH_SUM = '0'.repeat(64);

describe('a MySQL package that is not what it should be', () => {
  const stack = useStack({
    local: { agents: 1 },
    installer: ({ uri }) => ({ installer: 'tarball', uri, sha256: NO_SUCH_SUM }),
  });

  it('says in the status which package, and what is wrong with it', async () => {
    const cluster = await createCluster(stack(), 'damaged', 1);
    await untilStatusSays(stack(), 'damaged', /SHA-256/);
    expect((await stack().client.get('damaged')).state).toBe('CREATING');
    await deleteCluster(stack(), 'damaged');
    await untilGone(stack(), 'damaged');
    await untilNothingLeft(stack(), cluster, []);
  });
});

describe('a MySQL package that is not there', () => {
  const stack = useStack({
    local: { agents: 1 },
    installer: ({ uri }) => ({ installer: 'tarball', uri: `${uri}.not`, sha256: NO_SUCH_SUM }),
  });

  it('says in the status what could not be fetched', async () => {
    await createCluster(stack(), 'missing', 1);
    await untilStatusSays(stack(), 'missing', /could not be fetched.*404/s);
    await deleteCluster(stack(), 'missing');
    await untilGone(stack(), 'missing');
  });
});

describe('a port that somebody else has taken', () => {
  const PORTS = { first: 9_700, last: 9_701 };
  const stack = useStack({
    local: {
      agents: 1,
      resources: `cpus:4;mem:4096;disk:20480;ports:[${PORTS.first}-${PORTS.last}]`,
    },
  });

  it('says so in the status, and starts when the port is free', async (context) => {
    await needs(context, stack(), 'process control');
    const host = stack().mesos.driver!.agents[0]!.hostname;
    const thief = await listen(host, PORTS.first);
    try {
      await createCluster(stack(), 'robbed', 1);
      await untilStatusSays(stack(), 'robbed', new RegExp(`in use.*${PORTS.first}`, 's'));
    } finally {
      thief.close();
    }
    await untilHealthy(stack(), 'robbed');
    await deleteCluster(stack(), 'robbed');
    await untilGone(stack(), 'robbed');
  });
});

/** What a person reads from `cotton status`. */
async function untilStatusSays(stack: Stack, name: string, words: RegExp): Promise<void> {
  await eventually(`cotton status ${name} says ${words}`, async () => {
    const text = await mustSucceed(stack.cotton(['status', name]));
    if (!words.test(text)) throw new Error(text);
  });
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}
