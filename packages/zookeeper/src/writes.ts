import { randomBytes } from 'node:crypto';
import type { Calls } from './calls.ts';
import { ConnectionBroken, isZooKeeperError, ZooKeeperError } from './errors.ts';
import { ANY_VERSION, describeOp, type Op } from './node.ts';
import { type OpResult, readChildren, readNode, writeAll } from './requests.ts';
import type { Session } from './session.ts';
import { checkPath, joinPath, parentOf } from './url.ts';

/** The server's limit is 1,048,575 bytes for a packet (`jute.maxbuffer`); a larger one breaks the connection each time. */
export const MAX_WRITE_BYTES = 1_000_000;
const OP_OVERHEAD_BYTES = 128;

/**
 * All ops or none, safe against a connection lost in the middle: tried again, and a refusal of the repetition
 * is compared with what the first try would have left behind. Still unclear: `connection_loss`.
 */
export async function write(calls: Calls, ops: readonly Op[], protect: boolean): Promise<OpResult[]> {
  checkOps(ops);
  const repeatable = !ops.some((op) => op.op === 'create' && op.sequential);
  let unsure: ZooKeeperError | undefined;
  const what = ops.map(describeOp).join(', ');
  return calls.run(what, async (session) => {
    if (unsure && !repeatable) throw unclear(what, unsure);
    try {
      return await writeAll(session, ops, protect);
    } catch (error) {
      if (error instanceof ConnectionBroken) unsure = error;
      else if (unsure && isZooKeeperError(error, 'node_exists', 'bad_version', 'no_node')) {
        if (await leftBehind(session, ops)) return ops.map(expectedResult);
        throw unclear(what, error);
      }
      throw error;
    }
  });
}

/** Creates `<path><unique id>_<ten digits>` exactly once, however often the connection is lost; gives its path. */
export async function createSequential(
  calls: Calls,
  op: Extract<Op, { op: 'create' }>,
  protect: boolean,
): Promise<string> {
  const id = randomBytes(8).toString('hex');
  const named: Op = { ...op, path: `${op.path}${id}_` };
  checkOps([named]);
  let unsure = false;
  return calls.run(describeOp(op), async (session) => {
    if (unsure) {
      const created = await findOwn(session, parentOf(op.path), id);
      if (created) return created;
    }
    unsure = true;
    const [result] = await writeAll(session, [named], protect);
    return result?.path ?? named.path;
  });
}

async function findOwn(session: Session, parent: string, id: string): Promise<string | undefined> {
  // A write goes through the leader: once it is answered, this server has applied all that was sent before.
  await writeAll(session, [{ op: 'check', path: '/', version: ANY_VERSION }], false);
  const name = (await readChildren(session, parent))?.find((child) => child.includes(id));
  return name === undefined ? undefined : joinPath(parent, name);
}

async function leftBehind(session: Session, ops: readonly Op[]): Promise<boolean> {
  const effects = await Promise.all(ops.map((op) => isVisible(session, op)));
  return effects.every(Boolean);
}

async function isVisible(session: Session, op: Op): Promise<boolean> {
  if (op.op === 'check') return true;
  const node = await readNode(session, op.path);
  if (op.op === 'remove') return node === undefined;
  if (!node?.data.equals(op.data)) return false;
  if (op.op === 'create') return !op.ephemeral || node.ephemeralOwner === session.id;
  return op.version === ANY_VERSION || node.version === op.version + 1;
}

function expectedResult(op: Op): OpResult {
  if (op.op === 'create') return { path: op.path };
  return op.op === 'set' ? { version: op.version + 1 } : {};
}

function unclear(what: string, cause: ZooKeeperError): ZooKeeperError {
  return new ZooKeeperError(
    'connection_loss',
    `${what}: the connection was lost and whether it was done is unknown`,
    { cause },
  );
}

function checkOps(ops: readonly Op[]): void {
  let bytes = 0;
  for (const op of ops) {
    checkPath(op.op === 'create' && op.sequential ? `${op.path}x` : op.path);
    bytes += OP_OVERHEAD_BYTES + op.path.length + ('data' in op ? op.data.length : 0);
  }
  if (bytes > MAX_WRITE_BYTES) {
    throw new ZooKeeperError(
      'invalid',
      `Too large for ZooKeeper: ${bytes} bytes, at most ${MAX_WRITE_BYTES} (${ops.map((op) => op.path).join(', ')})`,
    );
  }
}
