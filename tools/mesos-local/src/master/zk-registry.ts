import type { ZooKeeper } from '@cotton/zookeeper';
import { emptyRegistry, type RegistryState, type RegistryStore } from './registry.ts';
import { ownPath } from './zk-paths.ts';

/** The registry of several masters, in one node of ZooKeeper; changes are written in order. */
export function zkRegistry(zookeeper: ZooKeeper, mastersPath: string): RegistryStore {
  const path = ownPath(mastersPath, 'registry');
  let last: Promise<unknown> = Promise.resolve();
  return {
    async load() {
      await zookeeper.ensure(path);
      const node = await zookeeper.get(path);
      return node && node.data.length > 0
        ? (JSON.parse(node.data.toString('utf8')) as RegistryState)
        : emptyRegistry();
    },
    save(state) {
      const data = Buffer.from(JSON.stringify(state));
      last = last
        .then(() => zookeeper.set(path, data))
        .catch((error: unknown) => {
          // A leader that cannot keep its registry must not go on leading.
          console.error(`cannot save the registry: ${String(error)}`);
          process.exit(1);
        });
    },
  };
}
