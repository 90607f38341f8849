import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startAgent, startMaster, type AgentHandle, type MasterHandle } from '../src/index.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const example = fileURLToPath(
  new URL('../../../packages/mesos/examples/hello-framework.ts', import.meta.url),
);

let directory: string;
let master: MasterHandle;
let agent: AgentHandle;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cotton-mesos-example-'));
  master = await startMaster({ workDir: join(directory, 'master') });
  agent = await startAgent({
    master: master.address,
    workDir: join(directory, 'agent'),
    resources: 'cpus:1;mem:512',
  });
});

afterAll(async () => {
  await agent?.stop();
  await master?.stop();
  await rm(directory, { recursive: true, force: true });
});

it('the example framework of @cotton/mesos runs its executor on an agent, and ends', async () => {
  const args = ['--conditions=@cotton/source', example, master.address];
  const { stdout } = await run(process.execPath, args, { timeout: 40_000 });
  expect(stdout).toMatch(/^TASK_RUNNING \nTASK_FINISHED hello from \S+-S0\n$/);
});
