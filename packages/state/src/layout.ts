import { joinPath, type Op, type ZooKeeper } from '@cotton/zookeeper';
import { StateError } from './errors.ts';
import type { FencedWrites } from './fenced-writes.ts';

export const statePath = (root: string, ...rest: string[]): string => joinPath(root, 'state', ...rest);
export const layoutPath = (root: string): string => statePath(root, 'layout');
export const installationPath = (root: string): string => statePath(root, 'installation');
export const clusterPath = (root: string, ...uid: string[]): string => statePath(root, 'clusters', ...uid);

/** Brings state from one layout to the next. Repeated when a crash came before the new version was noted. */
export type Migration = (zookeeper: ZooKeeper, root: string, writes: FencedWrites) => Promise<void>;

/** migrations[n] leads from layout n + 1 to n + 2. */
const MIGRATIONS: readonly Migration[] = [];

/** Creates the layout, migrates an older one, refuses a newer one. Returns its version. */
export async function prepareLayout(
  zookeeper: ZooKeeper,
  root: string,
  writes: FencedWrites,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  const newest = migrations.length + 1;
  await zookeeper.ensure(statePath(root));
  const node = await zookeeper.get(layoutPath(root));
  if (!node) {
    await writes.write(await createOps(zookeeper, root, newest));
    return newest;
  }
  let version = parseLayout(node.data, layoutPath(root), newest);
  let nodeVersion = node.version;
  for (; version < newest; version += 1, nodeVersion += 1) {
    await migrations[version - 1]?.(zookeeper, root, writes);
    await writes.write([
      { op: 'set', path: layoutPath(root), data: encodeLayout(version + 1), version: nodeVersion },
    ]);
  }
  return version;
}

async function createOps(zookeeper: ZooKeeper, root: string, version: number): Promise<Op[]> {
  const existing = await zookeeper.children(statePath(root));
  if (existing?.length) {
    throw new StateError('corrupt_state', `${statePath(root)} has ${existing.join(', ')} but no layout`);
  }
  return [
    { op: 'create', path: layoutPath(root), data: encodeLayout(version) },
    { op: 'create', path: clusterPath(root), data: Buffer.alloc(0) },
  ];
}

function encodeLayout(version: number): Buffer {
  return Buffer.from(JSON.stringify({ layout: version }));
}

function parseLayout(data: Buffer, path: string, newest: number): number {
  let layout: unknown;
  try {
    layout = (JSON.parse(data.toString()) as { layout?: unknown } | null)?.layout;
  } catch (cause) {
    throw new StateError('corrupt_state', `${path} is not JSON`, { cause });
  }
  if (Number.isInteger(layout) && (layout as number) >= 1 && (layout as number) <= newest)
    return layout as number;
  throw new StateError(
    'corrupt_state',
    `${path} has layout ${String(layout)}; this Cotton knows up to ${newest}`,
  );
}
