import { joinPath, type ZkNode, type ZooKeeper } from '@cotton/zookeeper';

/**
 * Calls back with all children of a node and their data (by name), after each change; undefined while the parent is
 * missing. The first call comes when every child has been read once, so that a child not yet read never passes for absent.
 */
export function watchNodes(
  zookeeper: ZooKeeper,
  parent: string,
  callback: (nodes: Map<string, ZkNode> | undefined) => void,
): () => void {
  const children = new Map<string, { stop: () => void; read: boolean; node: ZkNode | undefined }>();

  const tell = (): void => {
    const all = [...children];
    if (all.some(([, child]) => !child.read)) return;
    callback(new Map(all.flatMap(([name, { node }]) => (node ? [[name, node]] : []))));
  };
  const follow = (name: string): void => {
    const child = { stop: () => {}, read: false, node: undefined as ZkNode | undefined };
    children.set(name, child);
    child.stop = zookeeper.watch(joinPath(parent, name), (node) => {
      child.read = true;
      child.node = node;
      tell();
    });
  };
  const forget = (name: string): void => {
    children.get(name)?.stop();
    children.delete(name);
  };

  const stopParent = zookeeper.watchChildren(parent, (names) => {
    for (const name of [...children.keys()]) if (!names?.includes(name)) forget(name);
    for (const name of names ?? []) if (!children.has(name)) follow(name);
    if (names) tell();
    else callback(undefined);
  });
  return () => {
    stopParent();
    for (const name of [...children.keys()]) forget(name);
  };
}
