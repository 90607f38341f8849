import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Op, ZooKeeper } from '@cotton/zookeeper';
import { lockFile } from './directory-lock.ts';
import { StateError } from './errors.ts';
import { type Fence, FencedWrites, stateErrorOf } from './fenced-writes.ts';
import { listFiles, makeDirectory, readIfThere, removeDurably, writeDurably } from './files.ts';
import { decodeStateFile, encodeStateFile, type StateFile } from './state-file.ts';
import {
  checkUid,
  decodeRecord,
  encodeRecord,
  type LoadedState,
  type Store,
  type StoreCodecs,
  type StoredCluster,
} from './store.ts';

export interface LocalStoreOptions<I, R> {
  /** Created if missing. One scheduler at a time. */
  directory: string;
  /** For the fence, and for what is written alongside. */
  zookeeper: ZooKeeper;
  fence: Fence;
  codecs: StoreCodecs<I, R>;
}

const EXTENSION = '.state';
const EMPTY = Buffer.alloc(0);

/**
 * State in a local directory (`--state_storage=local`), for one scheduler. A file is written first, with the ops that
 * belong with it inside; then the ops go to ZooKeeper. A crash between the two leaves ZooKeeper behind: `load` and
 * `read` repeat the ops of the last write.
 */
export class LocalStore<I, R> implements Store<I, R> {
  readonly #directory: string;
  readonly #zookeeper: ZooKeeper;
  readonly #codecs: StoreCodecs<I, R>;
  readonly #writes: FencedWrites;
  readonly #lock: FileHandle;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws StateError `locked` when another process has this directory open, `io` when it cannot be used */
  static async open<I, R>(options: LocalStoreOptions<I, R>): Promise<LocalStore<I, R>> {
    await makeDirectory(options.directory);
    await makeDirectory(join(options.directory, 'clusters'));
    return new LocalStore(options, await lockFile(join(options.directory, 'lock')));
  }

  private constructor({ directory, zookeeper, fence, codecs }: LocalStoreOptions<I, R>, lock: FileHandle) {
    this.#directory = directory;
    this.#zookeeper = zookeeper;
    this.#codecs = codecs;
    this.#writes = new FencedWrites(zookeeper, fence);
    this.#lock = lock;
  }

  async load(): Promise<LoadedState<I, R>> {
    return this.#oneByOne(async () => {
      await this.#writes.write([]);
      const uids = await this.#list();
      const files = await Promise.all(uids.map((uid) => this.#readFile(this.#clusterFile(uid))));
      // All of it is read before anything is repeated: corrupt state must be left as it is, with everything around it.
      const clusters = uids.flatMap((uid, index) => this.#toCluster(uid, files[index]) ?? []);
      const installation = await this.#readInstallation();
      for (const [index, uid] of uids.entries()) await this.#finish(this.#clusterFile(uid), files[index]);
      return { installation, clusters };
    });
  }

  async read(uid: string): Promise<StoredCluster<R> | undefined> {
    return this.#oneByOne(async () => {
      const file = await this.#readFile(this.#clusterFile(uid));
      const cluster = this.#toCluster(uid, file);
      await this.#finish(this.#clusterFile(uid), file);
      return cluster;
    });
  }

  uids(): Promise<string[]> {
    return this.#oneByOne(() => this.#list());
  }

  async save(uid: string, record: R, expected: number | null, alongside: readonly Op[]): Promise<number> {
    const path = this.#clusterFile(uid);
    const data = encodeRecord(this.#codecs.cluster, record, path);
    return this.#oneByOne(() =>
      this.#replace(path, expected, { removed: false, pending: alongside, record: data }),
    );
  }

  async remove(uid: string, expected: number, alongside: readonly Op[]): Promise<void> {
    const path = this.#clusterFile(uid);
    return this.#oneByOne(async () => {
      await this.#replace(path, expected, { removed: true, pending: alongside, record: EMPTY });
      await removeDurably(path);
    });
  }

  async saveInstallation(installation: I, expected: number | null): Promise<number> {
    const path = this.#installationFile();
    const data = encodeRecord(this.#codecs.installation, installation, path);
    return this.#oneByOne(() => this.#replace(path, expected, { removed: false, pending: [], record: data }));
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#lock.close();
  }

  async #replace(path: string, expected: number | null, next: Omit<StateFile, 'version'>): Promise<number> {
    const current = await this.#readFile(path);
    const version = current && !current.removed ? current.version : null;
    if (version !== expected)
      throw new StateError('conflict', `${path} has version ${version}, not ${expected}`);
    // A deposed scheduler must not get ahead of its successor, not even in its own directory.
    await this.#writes.write([]);
    const nextVersion = expected === null ? 0 : expected + 1;
    await writeDurably(path, encodeStateFile({ version: nextVersion, ...next }));
    // Crash here: the file is ahead of ZooKeeper until the next load.
    await this.#writePending(next.pending);
    return nextVersion;
  }

  /** Repeats what the last write of this file left to do. */
  async #finish(path: string, file: StateFile | undefined): Promise<void> {
    if (!file) return;
    await this.#writePending(file.pending);
    if (file.removed) await removeDurably(path);
  }

  /** At the versions that are there: those of a ZooKeeper restored from a copy are not those of our files. */
  async #writePending(pending: readonly Op[]): Promise<void> {
    const ops = (await Promise.all(pending.map((op) => this.#stillToDo(op)))).flat();
    if (ops.length > 0) await this.#writes.write(ops);
  }

  /** Nobody else writes these nodes, so what is not as the op would leave it was not done. */
  async #stillToDo(op: Op): Promise<Op[]> {
    const node = await this.#zookeeper.get(op.path).catch((error: unknown) => {
      throw stateErrorOf(error);
    });
    if (op.op === 'check') return [];
    if (op.op === 'remove') return node ? [{ ...op, version: node.version }] : [];
    const { path, data } = op;
    if (!node) return [{ op: 'create', path, data }];
    if (node.data.equals(data)) return [];
    return [{ op: 'set', path, data, version: node.version }];
  }

  #list(): Promise<string[]> {
    return listFiles(join(this.#directory, 'clusters'), EXTENSION);
  }

  async #readFile(path: string): Promise<StateFile | undefined> {
    const data = await readIfThere(path);
    return data && decodeStateFile(data, path);
  }

  async #readInstallation(): Promise<LoadedState<I, R>['installation']> {
    const path = this.#installationFile();
    const file = await this.#readFile(path);
    return (
      file && { value: decodeRecord(this.#codecs.installation, file.record, path), version: file.version }
    );
  }

  #toCluster(uid: string, file: StateFile | undefined): StoredCluster<R> | undefined {
    if (!file || file.removed) return undefined;
    return {
      uid,
      record: decodeRecord(this.#codecs.cluster, file.record, this.#clusterFile(uid)),
      version: file.version,
    };
  }

  /** Reading a version, writing the file and writing ZooKeeper belong together. */
  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #clusterFile(uid: string): string {
    const directory = join(this.#directory, 'clusters');
    checkUid(uid, directory);
    return join(directory, `${uid}${EXTENSION}`);
  }

  #installationFile(): string {
    return join(this.#directory, `installation${EXTENSION}`);
  }
}
