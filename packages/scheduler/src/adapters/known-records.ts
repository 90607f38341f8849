import type { StoredCluster } from '../engine/ports.ts';
import { StateError, type Store } from '@cotton/state';

/** The records that this leader has read or written, and at which version. Nobody else writes them while it leads. */
export class KnownRecords {
  readonly #versions: Map<string, number>;
  readonly #busy = new Set<string>();

  constructor(clusters: readonly StoredCluster[]) {
    this.#versions = new Map(clusters.map(({ record, version }) => [record.uid, version]));
  }

  /** Writes a record; null: it is gone now. One write of a record at a time. */
  async write<Version extends number | null>(uid: string, work: () => Promise<Version>): Promise<Version> {
    this.#busy.add(uid);
    try {
      const version = await work();
      if (version === null) this.#versions.delete(uid);
      else this.#versions.set(uid, version);
      return version;
    } finally {
      this.#busy.delete(uid);
    }
  }

  /** @throws StateError `conflict` when what is stored is not what was written last */
  async confirm(store: Pick<Store<unknown, unknown>, 'uids' | 'read'>): Promise<void> {
    const known = new Set([...this.#versions.keys(), ...this.#busy]);
    const stored = await store.uids();
    const stranger = stored.find(
      (uid) => !known.has(uid) && !this.#versions.has(uid) && !this.#busy.has(uid),
    );
    if (stranger !== undefined) throw restored(stranger, 'it is there, and was removed or never made');
    await Promise.all([...this.#versions].map((entry) => this.#look(store, entry)));
  }

  async #look(
    store: Pick<Store<unknown, unknown>, 'read'>,
    [uid, version]: [uid: string, version: number],
  ): Promise<void> {
    const now = (await store.read(uid))?.version ?? null;
    // A write finds out by itself.
    if (this.#busy.has(uid) || this.#versions.get(uid) !== version) return;
    if (now === null || now < version)
      throw restored(uid, `it was at version ${version}, now ${now ?? 'gone'}`);
  }
}

/** An older record than was written can have one reason that is not a bug. */
export function restored(uid: string, what: string, cause?: unknown): StateError {
  return new StateError(
    'conflict',
    `The record of cluster ${uid}: ${what}. ZooKeeper was restored from an old copy, or somebody else writes there`,
    { cause },
  );
}
