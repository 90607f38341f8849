/** What a node held when it was read. */
export interface ZkNode {
  data: Buffer;
  /** 0 at creation, plus one with every set. */
  version: number;
  /** Transaction that created the node, 16 hex digits: tells a node from its re-created namesake. */
  czxid: string;
  /** The owning session (as `ZooKeeper.sessionId`), or 16 zeros when the node is persistent. */
  ephemeralOwner: string;
}

/** `version: -1` means any version. A `sequential` name gets a unique id and ten digits appended. */
export type Op =
  | { op: 'create'; path: string; data: Buffer; ephemeral?: boolean; sequential?: boolean }
  | { op: 'set'; path: string; data: Buffer; version: number }
  | { op: 'remove'; path: string; version: number }
  | { op: 'check'; path: string; version: number };

/** Also by data: a ZooKeeper that was restored from an old copy gives versions a second time. */
export function sameNode(left: ZkNode | undefined, right: ZkNode | undefined): boolean {
  if (!left || !right) return left === right;
  return left.czxid === right.czxid && left.version === right.version && left.data.equals(right.data);
}

export const ANY_VERSION = -1;

/** One op for the reader of a log: never its data. */
export function describeOp(op: Op): string {
  return op.op === 'create'
    ? `create ${op.path}`
    : `${op.op} ${op.path}${op.version < 0 ? '' : `@${op.version}`}`;
}
