import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ZooKeeperServer } from './zookeeper-server.ts';

/** Copies what the server knows to the directory `place`, while it runs: snapshots and logs are made for that. */
export async function saveZooKeeper(server: ZooKeeperServer, place: string): Promise<void> {
  await rm(place, { recursive: true, force: true });
  await cp(versionDir(server), place, { recursive: true });
}

/** All servers of an ensemble start again with an old copy: sessions that it knows go on, with what they had then. */
export async function restoreZooKeeper(servers: readonly ZooKeeperServer[], place: string): Promise<void> {
  await Promise.all(servers.map((server) => server.kill()));
  for (const server of servers) {
    await rm(versionDir(server), { recursive: true, force: true });
    await cp(place, versionDir(server), { recursive: true });
  }
  await Promise.all(servers.map((server) => server.restart()));
}

function versionDir({ dataDir }: ZooKeeperServer): string {
  return join(dataDir, 'data', 'version-2');
}
