import type { Op, ZkNode, ZooKeeper } from '@cotton/zookeeper';
import { type Codec, decodeAt, encodeLimited } from './codec.ts';
import type { CoordinationError } from './errors.ts';
import { controlPath } from './layout.ts';

export const MAX_CONTROL_BYTES = 256 * 1024;

export interface Versioned<T> {
  document: T;
  version: number;
}

/** `control/<uid>`: what the members of a cluster should do. Written by the leading scheduler, always within a fenced `multi`. */
export class ControlChannel<T> {
  readonly #zookeeper: ZooKeeper;
  readonly #root: string;
  readonly #codec: Codec<T>;

  constructor(zookeeper: ZooKeeper, root: string, codec: Codec<T>) {
    this.#zookeeper = zookeeper;
    this.#root = root;
    this.#codec = codec;
  }

  /** Once, by the scheduler, before anything is written. */
  async prepare(): Promise<void> {
    await this.#zookeeper.ensure(controlPath(this.#root));
  }

  /** @throws CoordinationError('bad_document') */
  async read(uid: string): Promise<Versioned<T> | undefined> {
    const node = await this.#zookeeper.get(controlPath(this.#root, uid));
    return node && this.#decode(uid, node);
  }

  /** Uids of all clusters that have a control document. */
  async list(): Promise<string[]> {
    return (await this.#zookeeper.children(controlPath(this.#root))) ?? [];
  }

  /** `version`: the one last read or written; undefined creates (as version 0). */
  writeOp(uid: string, document: T, version: number | undefined): Op {
    const path = controlPath(this.#root, uid);
    const data = encodeLimited(this.#codec, document, path, MAX_CONTROL_BYTES);
    return version === undefined ? { op: 'create', path, data } : { op: 'set', path, data, version };
  }

  removeOp(uid: string, version: number): Op {
    return { op: 'remove', path: controlPath(this.#root, uid), version };
  }

  /**
   * Calls back with the document as it is and after each change, undefined while there is none.
   * What cannot be read goes to `onBad`; the last good document then stands.
   */
  watch(
    uid: string,
    callback: (control: Versioned<T> | undefined) => void,
    onBad: (error: CoordinationError) => void,
  ): () => void {
    return this.#zookeeper.watch(controlPath(this.#root, uid), (node) => {
      let control: Versioned<T> | undefined;
      try {
        control = node && this.#decode(uid, node);
      } catch (error) {
        return onBad(error as CoordinationError);
      }
      callback(control);
    });
  }

  #decode(uid: string, node: ZkNode): Versioned<T> {
    return {
      document: decodeAt(this.#codec, node.data, controlPath(this.#root, uid)),
      version: node.version,
    };
  }
}
