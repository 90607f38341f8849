import { isZooKeeperError, type Op, type ZooKeeper } from '@cotton/zookeeper';
import { StateError } from './errors.ts';

/** The leader's: a `check` of its election node. Throws when this scheduler knows that it does not lead. */
export type Fence = () => Op;

/** Every write of this package goes through here: all ops or none, and none once another scheduler leads. */
export class FencedWrites {
  readonly #zookeeper: ZooKeeper;
  readonly #fence: Fence;

  constructor(zookeeper: ZooKeeper, fence: Fence) {
    this.#zookeeper = zookeeper;
    this.#fence = fence;
  }

  /**
   * Without ops it still asks whether we lead, through ZooKeeper's own leader: what is read after it is not older.
   * @throws StateError `deposed`, `conflict`, `unavailable`, `too_large`
   */
  async write(ops: readonly Op[]): Promise<void> {
    const fence = this.#fenceOp();
    try {
      await this.#zookeeper.multi([fence, ...ops]);
    } catch (error) {
      throw stateErrorOf(error, ops);
    }
  }

  #fenceOp(): Op {
    try {
      return this.#fence();
    } catch (cause) {
      throw new StateError('deposed', 'This scheduler does not lead', { cause });
    }
  }
}

/** A failed reading or writing of ZooKeeper in this package's words; `ops` are those after the fence. */
export function stateErrorOf(error: unknown, ops: readonly Op[] = []): unknown {
  if (!isZooKeeperError(error)) return error;
  const options = { cause: error };
  switch (error.code) {
    case 'no_node':
    case 'bad_version':
    case 'node_exists':
    case 'not_empty':
      if (error.failedOp === 0) return new StateError('deposed', 'Another scheduler leads now', options);
      return new StateError('conflict', `${ops[(error.failedOp ?? 0) - 1]?.path}: ${error.code}`, options);
    case 'invalid':
      return new StateError('too_large', error.message, options);
    default:
      return new StateError('unavailable', `ZooKeeper: ${error.message}`, options);
  }
}
