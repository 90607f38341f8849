import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flags } from '../flags.ts';
import { BANNER } from '../stand-in.ts';
import { masterConfig, type MasterConfig } from './config.ts';
import { Election } from './election.ts';
import { Faults } from './faults.ts';
import { fileRegistry } from './file-registry.ts';
import { Master } from './master.ts';
import { serveMasterAdmin } from './master-admin.ts';
import { masterInfo } from './master-info.ts';
import { MasterServer, type Role } from './master-server.ts';
import { Registry, type RegistryStore } from './registry.ts';
import { zkRegistry } from './zk-registry.ts';

/** What a starting master answers for how long, about as a real one. */
const ROUTES_MS = 50;
/** `/health` answers before recovery is done. */
const RECOVERY_MS = 200;

/** One master process: at first nobody in particular, then a standby or the leader. */
class MasterProcess {
  readonly #config: MasterConfig;
  readonly #id = randomUUID();
  readonly #faults = new Faults();
  role: Role = { role: 'starting' };

  constructor(config: MasterConfig) {
    this.#config = config;
  }

  async start(): Promise<void> {
    const { zk, zkSessionTimeoutMs: sessionTimeoutMs, adminPort, workDir } = this.#config;
    await sleep(ROUTES_MS);
    this.role = zk === undefined ? { role: 'recovering' } : { role: 'standby', leader: undefined };
    if (adminPort !== undefined) await serveMasterAdmin(this.#faults, adminPort);
    if (zk === undefined) return this.#lead(fileRegistry(workDir));
    const info = masterInfo(this.#config, this.#id);
    const election: Election = await Election.start(
      { zk, sessionTimeoutMs, info },
      {
        elected: () =>
          void Promise.resolve().then(() => this.#lead(zkRegistry(election.zookeeper, election.path))),
        follows: (leader) => (this.role = { role: 'standby', leader }),
        deposed: () => {
          console.error('this master does not lead any more: it stops');
          process.exit(1);
        },
      },
    );
  }

  async #lead(store: RegistryStore): Promise<void> {
    this.role = { role: 'recovering' };
    const registry = new Registry(store);
    await registry.recover();
    await sleep(RECOVERY_MS);
    const master = new Master(this.#config, registry, this.#id, this.#faults);
    master.start();
    this.role = { role: 'leader', master };
  }
}

/** The `master` role. */
export async function runMaster(flags: Flags): Promise<void> {
  const config = masterConfig(flags);
  mkdirSync(config.workDir, { recursive: true });
  const masterProcess = new MasterProcess(config);
  const { server } = new MasterServer(() => masterProcess.role);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.ip, resolve);
  });
  console.log(`${BANNER}: master on ${config.ip}:${config.port}, work directory ${config.workDir}`);
  await masterProcess.start();
}
