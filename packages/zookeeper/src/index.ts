export { isZooKeeperError, ZooKeeperError, type ZooKeeperErrorCode } from './errors.ts';
export { ANY_VERSION, type Op, sameNode, type ZkNode } from './node.ts';
export type { Log, ZooKeeperOptions } from './options.ts';
export { formatZkUrl, joinPath, parentOf, parseZkUrl, type ZkAuth, type ZkUrl } from './url.ts';
export { MAX_WRITE_BYTES } from './writes.ts';
export { ZooKeeper, type ZooKeeperState } from './zookeeper.ts';
