import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flags } from '../flags.ts';
import { BANNER } from '../stand-in.ts';
import { masterConfig } from './config.ts';
import { fileRegistry } from './file-registry.ts';
import { Master } from './master.ts';
import { serveMasterAdmin } from './master-admin.ts';
import { MasterServer, type Role } from './master-server.ts';
import { Registry } from './registry.ts';

/** `/health` answers before recovery is done; it takes Mesos a moment. */
const RECOVERY_MS = 100;

/** The `master` process. */
export async function runMaster(flags: Flags): Promise<void> {
  const config = masterConfig(flags);
  mkdirSync(config.workDir, { recursive: true });
  let role: Role = { role: 'recovering' };
  const { server } = new MasterServer(() => role);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.ip, resolve);
  });
  console.log(`${BANNER}: master on ${config.ip}:${config.port}, work directory ${config.workDir}`);
  const registry = new Registry(fileRegistry(config.workDir));
  await registry.recover();
  await sleep(RECOVERY_MS);
  const master = new Master(config, registry);
  if (config.adminPort !== undefined) await serveMasterAdmin(master, config.adminPort);
  master.start();
  role = { role: 'leader', master };
}
