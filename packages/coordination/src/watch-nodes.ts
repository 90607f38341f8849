import { joinPath, type ZkNode, type ZooKeeper } from '@cotton/zookeeper';

interface Child {
  stop: () => void;
  read: boolean;
  closed: boolean;
  node: ZkNode | undefined;
  changedAtMs: number | undefined;
}

/**
 * Calls back with all children of a node and their data (by name), after each change; undefined while the parent is
 * missing. The first call comes when every child has been read once, so that a child not yet read never passes for absent.
 * One that is closed to us (somebody else's, then) is told to `onClosed`, and is as it was last read, or absent: it hides
 * none of the others.
 * `changedAtMs` tells when a child was last seen to change, to come or to go (`performance.now()`), if that was seen at
 * all.
 */
export function watchNodes(
  zookeeper: ZooKeeper,
  parent: string,
  callback: (nodes: Map<string, ZkNode> | undefined, changedAtMs: Map<string, number>) => void,
  onClosed: (name: string) => void = () => undefined,
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
    const child: Child = { stop: () => {}, read: false, closed: false, node: undefined, changedAtMs };
    children.set(name, child);
    const onNode = (node: ZkNode | undefined, isFirst: boolean): void => {
      child.read = true;
      child.closed = false;
      if (!isFirst) child.changedAtMs = performance.now();
      child.node = node;
      tell();
    };
    const onRefused = (): void => {
      if (child.closed) return;
      child.read = true;
      child.closed = true;
      onClosed(name);
      tell();
    };
    child.stop = zookeeper.watch(joinPath(parent, name), onNode, onRefused);
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
