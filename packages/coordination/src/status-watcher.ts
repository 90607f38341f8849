import { type Log, sameNode, type ZkNode, type ZooKeeper } from '@cotton/zookeeper';
import { type Codec, decodeAt } from './codec.ts';
import { statusPath } from './layout.ts';
import { watchNodes } from './watch-nodes.ts';

/**
 * The scheduler's side of `status/<uid>`: calls back with the statuses by instance, as they are and after each change.
 * A status that cannot be read, or that somebody has closed to us, leaves the one before it standing: it must not look
 * like a vanished member.
 * `changedAtMs` tells when a status was last seen to change, as in `watchNodes`.
 */
export function watchStatuses<T>(
  zookeeper: ZooKeeper,
  place: { root: string; uid: string },
  codec: Codec<T>,
  callback: (statuses: Map<string, T>, changedAtMs: Map<string, number>) => void,
  log: Log = () => undefined,
): () => void {
  const parent = statusPath(place.root, place.uid);
  let known = new Map<string, { node: ZkNode; status: T }>();

  const read = (instance: string, node: ZkNode): T | undefined => {
    const before = known.get(instance);
    if (before && sameNode(before.node, node)) return before.status;
    try {
      return decodeAt(codec, node.data, `${parent}/${instance}`);
    } catch (error) {
      log('unreadable status, keeping the one before it', { instance, error: String(error) });
      return before?.status;
    }
  };
  const onNodes = (nodes: Map<string, ZkNode> | undefined, changedAtMs: Map<string, number>): void => {
    const next: typeof known = new Map();
    for (const [instance, node] of nodes ?? []) {
      const status = read(instance, node);
      if (status !== undefined) next.set(instance, { node, status });
    }
    known = next;
    callback(new Map([...known].map(([instance, { status }]) => [instance, status])), changedAtMs);
  };
  return watchNodes(zookeeper, parent, onNodes, (instance) =>
    log('status that we may not read, keeping the one before it', { instance }),
  );
}

/**
 * May a missing status be taken as the loss of its member? Only when our own connection has been up for longer than a
 * member's whole session timeout: after an outage of ZooKeeper the members need that long to come back.
 */
export function absenceCounts(zookeeper: ZooKeeper, memberSessionTimeoutMs: number): boolean {
  return zookeeper.connectedForMs() > memberSessionTimeoutMs;
}
