import type { Op, ZkNode, ZooKeeper } from '@cotton/zookeeper';
import { StateError } from './errors.ts';
import { type Fence, FencedWrites, stateErrorOf } from './fenced-writes.ts';
import { clusterPath, installationPath, prepareLayout } from './layout.ts';
import {
  checkUid,
  decodeRecord,
  encodeRecord,
  type LoadedState,
  type Store,
  type StoreCodecs,
  type Stored,
  type StoredCluster,
} from './store.ts';

export interface ZooKeeperStoreOptions<I, R> {
  zookeeper: ZooKeeper;
  /** The path of `--zk_url`. */
  root: string;
  fence: Fence;
  codecs: StoreCodecs<I, R>;
}

/** State under `<root>/state`. Each write is one transaction: the fence, the record at its version, and what goes alongside. */
export class ZooKeeperStore<I, R> implements Store<I, R> {
  readonly #zookeeper: ZooKeeper;
  readonly #root: string;
  readonly #codecs: StoreCodecs<I, R>;
  readonly #writes: FencedWrites;

  constructor({ zookeeper, root, fence, codecs }: ZooKeeperStoreOptions<I, R>) {
    this.#zookeeper = zookeeper;
    this.#root = root;
    this.#codecs = codecs;
    this.#writes = new FencedWrites(zookeeper, fence);
  }

  async load(): Promise<LoadedState<I, R>> {
    return this.#answered(async () => {
      // Without it a server that lags behind could show us state from before the last leader's last write.
      await this.#writes.write([]);
      await prepareLayout(this.#zookeeper, this.#root, this.#writes);
      const uids = await this.uids();
      const clusters = await Promise.all(uids.map((uid) => this.read(uid)));
      return {
        installation: await this.#readInstallation(),
        clusters: clusters.filter((cluster) => cluster !== undefined),
      };
    });
  }

  async read(uid: string): Promise<StoredCluster<R> | undefined> {
    const path = this.#clusterPath(uid);
    const node = await this.#get(path);
    return (
      node && { uid, record: decodeRecord(this.#codecs.cluster, node.data, path), version: node.version }
    );
  }

  uids(): Promise<string[]> {
    return this.#answered(async () => (await this.#zookeeper.children(clusterPath(this.#root))) ?? []);
  }

  async save(uid: string, record: R, expected: number | null, alongside: readonly Op[]): Promise<number> {
    const path = this.#clusterPath(uid);
    const data = encodeRecord(this.#codecs.cluster, record, path);
    await this.#writes.write([writeOp(path, data, expected), ...alongside]);
    return nextVersion(expected);
  }

  async remove(uid: string, expected: number, alongside: readonly Op[]): Promise<void> {
    await this.#writes.write([
      { op: 'remove', path: this.#clusterPath(uid), version: expected },
      ...alongside,
    ]);
  }

  async saveInstallation(installation: I, expected: number | null): Promise<number> {
    const path = installationPath(this.#root);
    const data = encodeRecord(this.#codecs.installation, installation, path);
    await this.#writes.write([writeOp(path, data, expected)]);
    return nextVersion(expected);
  }

  async close(): Promise<void> {
    // The ZooKeeper client is the caller's.
  }

  async #readInstallation(): Promise<Stored<I> | undefined> {
    const path = installationPath(this.#root);
    const node = await this.#get(path);
    return node && { value: decodeRecord(this.#codecs.installation, node.data, path), version: node.version };
  }

  #get(path: string): Promise<ZkNode | undefined> {
    return this.#answered(() => this.#zookeeper.get(path));
  }

  async #answered<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof StateError ? error : stateErrorOf(error);
    }
  }

  #clusterPath(uid: string): string {
    checkUid(uid, clusterPath(this.#root));
    return clusterPath(this.#root, uid);
  }
}

function writeOp(path: string, data: Buffer, expected: number | null): Op {
  return expected === null ? { op: 'create', path, data } : { op: 'set', path, data, version: expected };
}

function nextVersion(expected: number | null): number {
  return expected === null ? 0 : expected + 1;
}
