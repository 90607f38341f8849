import type { Op } from '@cotton/zookeeper';
import { StateError } from './errors.ts';

/** How a record becomes bytes and back; `decode` throws on what it cannot read. */
export interface Codec<T> {
  encode(value: T): Buffer;
  decode(data: Buffer): T;
}

export interface Stored<T> {
  value: T;
  /** 0 when created, plus one with every save. */
  version: number;
}

export interface StoredCluster<R> {
  uid: string;
  record: R;
  version: number;
}

export interface LoadedState<I, R> {
  /** undefined: nothing was ever saved here. */
  installation: Stored<I> | undefined;
  clusters: StoredCluster<R>[];
}

/**
 * The scheduler's durable state: one record about the installation and one for each cluster.
 *
 * Every write is fenced by the leader's election node and names the version it replaces (null: it must not exist yet).
 * `alongside` are further ops (the cluster's control document) that happen with it: with the ZooKeeper store in the same
 * transaction, with the local one directly after, and again at the next `load` or `read` if a crash came between.
 * Writing control with every save keeps its version equal to the record's (with the local store, until a ZooKeeper
 * comes back from an old copy).
 */
export interface Store<I, R> {
  /** Everything, as it is. Only for the leader. @throws StateError `corrupt_state` when any of it cannot be read */
  load(): Promise<LoadedState<I, R>>;
  /** One cluster as it is now; undefined when there is none. */
  read(uid: string): Promise<StoredCluster<R> | undefined>;
  /** Of all clusters there are records of now. */
  uids(): Promise<string[]>;
  /** @returns the new version */
  save(uid: string, record: R, expected: number | null, alongside: readonly Op[]): Promise<number>;
  remove(uid: string, expected: number, alongside: readonly Op[]): Promise<void>;
  /** @returns the new version */
  saveInstallation(installation: I, expected: number | null): Promise<number>;
  /** Gives up locks; nothing may be called after it. */
  close(): Promise<void>;
}

export interface StoreCodecs<I, R> {
  installation: Codec<I>;
  cluster: Codec<R>;
}

/** With control beside it a record must still fit ZooKeeper's 1 MB. */
export const MAX_RECORD_BYTES = 900_000;

/** @param place node or file, for the error */
export function encodeRecord<T>(codec: Codec<T>, value: T, place: string): Buffer {
  const data = codec.encode(value);
  if (data.length <= MAX_RECORD_BYTES) return data;
  throw new StateError(
    'too_large',
    `${place}: ${data.length} bytes, at most ${MAX_RECORD_BYTES} can be stored`,
  );
}

/** @param place node or file, for the error */
export function decodeRecord<T>(codec: Codec<T>, data: Buffer, place: string): T {
  try {
    return codec.decode(data);
  } catch (cause) {
    throw new StateError('corrupt_state', `${place}: ${(cause as Error).message}`, { cause });
  }
}

/** Uids become node and file names. @throws StateError `corrupt_state` */
export function checkUid(uid: string, place: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(uid)) return;
  throw new StateError('corrupt_state', `${place}: ${JSON.stringify(uid)} is not the uid of a cluster`);
}
