import { isZooKeeperError } from './errors.ts';
import { joinPath, parentOf } from './url.ts';
import type { ZooKeeper } from './zookeeper.ts';

/** Others may add nodes while we remove. */
const MAX_ROUNDS = 10;
const EMPTY = Buffer.alloc(0);

export async function ensurePath(zookeeper: ZooKeeper, path: string): Promise<void> {
  if (path === '/' || (await zookeeper.exists(path))) return;
  await ensurePath(zookeeper, parentOf(path));
  await unless('node_exists', zookeeper.create(path, EMPTY));
}

export async function removeTree(zookeeper: ZooKeeper, path: string): Promise<void> {
  for (let round = 1; ; round += 1) {
    const names = (await zookeeper.children(path)) ?? [];
    await Promise.all(names.map((name) => removeTree(zookeeper, joinPath(path, name))));
    try {
      return await unless('no_node', zookeeper.remove(path));
    } catch (error) {
      if (!isZooKeeperError(error, 'not_empty') || round === MAX_ROUNDS) throw error;
    }
  }
}

async function unless(code: 'node_exists' | 'no_node', work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isZooKeeperError(error, code)) throw error;
  }
}
