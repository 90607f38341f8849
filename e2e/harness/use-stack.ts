import { afterAll, afterEach, beforeAll } from 'vitest';
import type { TestContext } from 'vitest';
import { readAgents } from './mesos-view.ts';
import type { Stack, StackSettings } from './stack.ts';
import { startStack } from './stack.ts';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 120_000;

/** A running stack for all stories of the file; the scheduler's last words are shown with a story that fails. */
export function useStack(settings: StackSettings = {}): () => Stack {
  let stack: Stack | undefined;
  beforeAll(async () => {
    stack = await startStack(settings);
  }, START_LIMIT_MS);
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && stack)
      console.error(`the scheduler's log ends with:\n${await stack.scheduler.logTail(40)}`);
  });
  afterAll(async () => stack?.stop(), STOP_LIMIT_MS);
  return () => {
    if (!stack) throw new Error('the stack did not start');
    return stack;
  };
}

export type Need = 'agent shell' | 'process control' | 'own ZooKeeper' | `${number} agents`;

/** Lists the story as not run, with the reason, where the target lacks what it needs; never as passed. */
export async function needs(context: TestContext, stack: Stack, ...wanted: Need[]): Promise<void> {
  for (const need of wanted) {
    const reason = await whyNot(stack, need);
    if (reason !== undefined) context.skip(reason);
  }
}

async function whyNot(stack: Stack, need: Need): Promise<string | undefined> {
  switch (need) {
    case 'agent shell':
      return stack.mesos.shell ? undefined : 'needs a shell on the agents (--agent-shell)';
    case 'process control':
      return stack.mesos.driver ? undefined : 'needs control of master and agent processes (--target local)';
    case 'own ZooKeeper':
      return stack.zookeeper ? undefined : 'needs to stop ZooKeeper, and this one is not ours (--zk)';
    default: {
      const count = (await readAgents(stack)).length;
      return count >= Number.parseInt(need) ? undefined : `needs ${need}, this Mesos has ${count}`;
    }
  }
}
