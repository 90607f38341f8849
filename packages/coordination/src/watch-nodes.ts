import { joinPath, type ZkNode, type ZooKeeper } from '@cotton/zookeeper';

interface Child {
  stop: () => void;
  read: boolean;
  node: ZkNode | undefined;
  changedAtMs: number | undefined;
}

/**
 * Calls back with all children of a node and their data (by name), after each change; undefined while the parent is
 * missing. The first call comes when every child has been read once, so that a child not yet read never passes for absent.
 * `changedAtMs` tells when a child was last seen to change, to come or to go (`performance.now()`), if that was seen at
 * all.
 */
export function watchNodes(
  zookeeper: ZooKeeper,
  parent: string,
  callback: (nodes: Map<string, ZkNode> | undefined, changedAtMs: Map<string, number>) => void,
): () => void {
  const children = new Map<string, Child>();
  const vanishedAtMs = new Map<string, number>();

  const tell = (): void => {
    const all = [...children];
    if (all.some(([, child]) => !child.read)) return;
    callback(
      new Map(all.flatMap(([name, { node }]) => (node ? [[name, node]] : []))),
      new Map([
        ...vanishedAtMs,
        ...all.flatMap(([name, { changedAtMs }]): [string, number][] =>
          changedAtMs === undefined ? [] : [[name, changedAtMs]],
        ),
      ]),
    );
  };
  const follow = (name: string, changedAtMs: number | undefined): void => {
    vanishedAtMs.delete(name);
    const child: Child = { stop: () => {}, read: false, node: undefined, changedAtMs };
    children.set(name, child);
    child.stop = zookeeper.watch(joinPath(parent, name), (node, isFirst) => {
      child.read = true;
      if (!isFirst) child.changedAtMs = performance.now();
      child.node = node;
      tell();
    });
  };
  const forget = (name: string): void => {
    children.get(name)?.stop();
    children.delete(name);
  };

  const stopParent = zookeeper.watchChildren(parent, (names, isFirst) => {
    for (const name of [...children.keys()].filter((n) => !names?.includes(n))) {
      forget(name);
      if (!isFirst) vanishedAtMs.set(name, performance.now());
    }
    for (const name of names ?? [])
      if (!children.has(name)) follow(name, isFirst ? undefined : performance.now());
    if (names) tell();
    else callback(undefined, new Map());
  });
  return () => {
    stopParent();
    for (const name of [...children.keys()]) forget(name);
  };
}
