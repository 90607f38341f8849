import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab/lab.ts';

/** A backup of ZooKeeper, and what somebody does with it who should not. */
export class ZooKeeperCopy {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** While it runs: ZooKeeper's snapshots and logs are made to be copied so. */
  async save(): Promise<void> {
    const [server] = this.#lab.zookeepers;
    if (!server) throw new Error('there is no ZooKeeper');
    await rm(this.#place, { recursive: true, force: true });
    await cp(versionDir(server.dataDir), this.#place, { recursive: true });
  }

  /** Every server starts again with the old data. */
  async restore(): Promise<void> {
    const servers = this.#lab.zookeepers;
    await Promise.all(servers.map((server) => server.kill()));
    for (const { dataDir } of servers) {
      await rm(versionDir(dataDir), { recursive: true, force: true });
      await cp(this.#place, versionDir(dataDir), { recursive: true });
    }
    await Promise.all(servers.map((server) => server.restart()));
  }

  get #place(): string {
    return join(this.#lab.dir, 'zookeeper-copy');
  }
}

function versionDir(dataDir: string): string {
  return join(dataDir, 'data', 'version-2');
}
