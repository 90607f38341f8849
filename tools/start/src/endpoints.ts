/** `.local/endpoints.json`: where everything is, for scripts. There while the services are up, and only then. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { endpointsFile, localDir } from './paths.ts';
import type { Stack } from './stack.ts';

export async function writeEndpoints(stack: Stack): Promise<void> {
  const { api, zkUrl, mesos, stateDir } = stack;
  const agents = mesos.agents.toSorted((a, b) => a.host.localeCompare(b.host));
  const document = {
    api,
    dashboard: `${api}/`,
    zk: zkUrl.replace('zk://', ''),
    master: mesos.masterUrl,
    agents: agents.map(({ id, host, port, workDir }) => ({ id, host, port, workDir })),
    stateDir,
    pids: {
      scheduler: stack.scheduler.pid,
      zookeeper: stack.zookeeper.pid,
      master: mesos.masterPid,
      agents: agents.map((a) => a.pid),
    },
  };
  await mkdir(localDir, { recursive: true });
  const temporary = `${endpointsFile}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(document, null, 2)}\n`);
  await rename(temporary, endpointsFile);
}

export async function removeEndpoints(): Promise<void> {
  await rm(endpointsFile, { force: true });
}
