import library, { type Failure, type Stat, type Transaction, type WireResult } from 'node-zookeeper-client';
import { errorFromProtocol, isZooKeeperError, ZooKeeperError } from './errors.ts';
import { describeOp, type Op, type ZkNode } from './node.ts';
import type { Session } from './session.ts';

/** Called once when what was read has changed; may be called late or never: read again after each reconnection. */
export type Changed = () => void;

/** What an applied op gave back: the path created, the version set. */
export interface OpResult {
  path?: string;
  version?: number;
}

/** With `changed`, a missing node is watched too, for its creation. */
export async function readNode(
  session: Session,
  path: string,
  changed?: Changed,
): Promise<ZkNode | undefined> {
  try {
    return await session.request<ZkNode>(`get ${path}`, (client, done) =>
      client.getData(path, changed, (failure, data, stat) =>
        done(failure, stat ? toNode(data, stat) : missing()),
      ),
    );
  } catch (error) {
    if (!isZooKeeperError(error, 'no_node')) throw error;
    return changed && (await nodeExists(session, path, changed))
      ? readNode(session, path, changed)
      : undefined;
  }
}

export async function readChildren(
  session: Session,
  path: string,
  changed?: Changed,
): Promise<string[] | undefined> {
  try {
    const names = await session.request<string[] | undefined>(`children ${path}`, (client, done) =>
      client.getChildren(path, changed, done as (failure: Failure, children?: string[]) => void),
    );
    return (names ?? []).sort();
  } catch (error) {
    if (!isZooKeeperError(error, 'no_node')) throw error;
    return changed && (await nodeExists(session, path, changed))
      ? readChildren(session, path, changed)
      : undefined;
  }
}

/** With `changed`, its creation, change or removal will be told. Needs no permission. */
export function nodeExists(session: Session, path: string, changed?: Changed): Promise<boolean> {
  return session.request<boolean>(`exists ${path}`, (client, done) =>
    client.exists(path, changed, (failure, stat) => done(failure, Boolean(stat))),
  );
}

/** All ops or none. An error tells with `failedOp` which one was refused. */
export function writeAll(session: Session, ops: readonly Op[], protect: boolean): Promise<OpResult[]> {
  const what = ops.map(describeOp).join(', ');
  return session
    .request<WireResult[]>(what, (client, done) => {
      const transaction = client.transaction();
      for (const op of ops) addOp(transaction, op, protect);
      // A refused multi comes with its results; the error itself does not say which op it was.
      transaction.commit((failure, results) => done(results ? null : failure, results ?? []));
    })
    .then((results) => checkResults(ops, results));
}

function addOp(transaction: Transaction, op: Op, protect: boolean): void {
  const acls = protect ? library.ACL.CREATOR_ALL_ACL : library.ACL.OPEN_ACL_UNSAFE;
  if (op.op === 'create') {
    transaction.create(op.path, op.data, acls, createMode(op));
    return;
  }
  if (op.op === 'set') transaction.setData(op.path, op.data, op.version);
  else if (op.op === 'remove') transaction.remove(op.path, op.version);
  else transaction.check(op.path, op.version);
  // The library takes version 0 for "any version", which would undo every fence and every first update.
  const added = transaction.ops.at(-1);
  if (added) added.version = op.version;
}

function createMode(op: Extract<Op, { op: 'create' }>): number {
  const { CreateMode } = library;
  if (op.ephemeral) return op.sequential ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL;
  return op.sequential ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT;
}

function checkResults(ops: readonly Op[], results: WireResult[]): OpResult[] {
  const failedOp = results.findIndex((result) => result.err !== undefined && result.err !== 0);
  const refused = results[failedOp];
  const op = ops[failedOp];
  if (refused?.err !== undefined && op) throw errorFromProtocol(refused.err, describeOp(op), failedOp);
  if (results.length !== ops.length)
    throw new ZooKeeperError('invalid', 'ZooKeeper answered another transaction');
  return results.map(({ path, stat }) => ({
    ...(path !== undefined && { path }),
    ...(stat && { version: stat.version }),
  }));
}

function toNode(data: Buffer | undefined, stat: Stat): ZkNode {
  return {
    data: data ?? Buffer.alloc(0),
    version: stat.version,
    czxid: stat.czxid.toString('hex'),
    ephemeralOwner: stat.ephemeralOwner.toString('hex'),
  };
}

/** Stands in for the result of a request that failed. */
function missing(): ZkNode {
  return { data: Buffer.alloc(0), version: -1, czxid: '', ephemeralOwner: '' };
}
