import type { ClusterRecord, Control } from '@cotton/core';
import { encodeClusterRecord, encodeDocument, parseClusterRecord, parseControl } from '@cotton/core';
import type { LeaderElection } from '@cotton/coordination';
import { ControlChannel, statusPath } from '@cotton/coordination';
import type { Store } from '@cotton/state';
import { LocalStore, StateError, ZooKeeperStore } from '@cotton/state';
import type { ZooKeeper } from '@cotton/zookeeper';
import { isZooKeeperError } from '@cotton/zookeeper';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatePort, StoredCluster } from '../engine/ports.ts';
import type { SchedulerFlags } from '../flags.ts';
import { KnownRecords, restored } from './known-records.ts';

/** Of FrameworkInfo only the id is remembered; the rest comes from the flags at every start. */
interface Installation {
  format: 1;
  /** Made once; labels every reservation as ours. */
  id: string;
  frameworkId: string | null;
}

type CottonStore = Store<Installation, ClusterRecord>;

export interface OpenedState {
  installation: string;
  readonly frameworkId: string | undefined;
  clusters: StoredCluster[];
  port: StatePort;
  /**
   * After every new connection: a ZooKeeper that came back from an old copy keeps our session and says nothing.
   * @throws StateError `conflict` when it no longer holds what was written last
   */
  confirm(): Promise<void>;
  saveFrameworkId(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Reads everything. @throws StateError `corrupt_state`, naming the node or file; nothing is touched then */
export async function openState(
  flags: SchedulerFlags,
  zookeeper: ZooKeeper,
  election: LeaderElection,
): Promise<OpenedState> {
  const root = flags.zk.path;
  const store = await openStore(flags, zookeeper, election);
  const control = new ControlChannel<Control>(zookeeper, root, {
    encode: encodeDocument,
    decode: parseControl,
  });
  await control.prepare();
  const { installation: stored, clusters } = await store.load();
  const known = new KnownRecords(clusters);
  let installation: Installation = stored?.value ?? { format: 1, id: randomUUID(), frameworkId: null };
  let version = stored?.version ?? (await store.saveInstallation(installation, null));
  return {
    installation: installation.id,
    get frameworkId() {
      return installation.frameworkId ?? undefined;
    },
    clusters,
    port: statePort(store, control, known, (uid) => removeStatuses(zookeeper, root, uid)),
    confirm: () => unlessUnavailable(known.confirm(store)),
    async saveFrameworkId(frameworkId) {
      installation = { ...installation, frameworkId };
      version = await store.saveInstallation(installation, version);
    },
    close: () => store.close(),
  };
}

async function openStore(
  flags: SchedulerFlags,
  zookeeper: ZooKeeper,
  election: LeaderElection,
): Promise<CottonStore> {
  const options = {
    zookeeper,
    fence: () => election.fence(),
    codecs: {
      installation: { encode: encodeInstallation, decode: parseInstallation },
      cluster: { encode: encodeClusterRecord, decode: parseClusterRecord },
    },
  };
  return flags.stateStorage === 'local'
    ? LocalStore.open({ ...options, directory: join(flags.workDir, 'state') })
    : new ZooKeeperStore({ ...options, root: flags.zk.path });
}

function statePort(
  store: CottonStore,
  control: ControlChannel<Control>,
  known: KnownRecords,
  removeStatusesOf: (uid: string) => Promise<void>,
): StatePort {
  const versionOf = async (uid: string): Promise<number | null> => (await store.read(uid))?.version ?? null;
  return {
    async save(record, document, expected) {
      const { uid } = record;
      const op = control.writeOp(uid, document, expected ?? undefined);
      const write = (): Promise<number> => store.save(uid, record, expected, [op]);
      const after = expected === null ? 0 : expected + 1;
      return known.write(uid, () => certain(write, () => versionOf(uid), { uid, before: expected, after }));
    },
    async remove(record, expected) {
      const { uid } = record;
      const op = control.removeOp(uid, expected);
      const write = (): Promise<null> => store.remove(uid, expected, [op]).then(() => null);
      await known.write(uid, () =>
        certain(write, () => versionOf(uid), { uid, before: expected, after: null }),
      );
      await removeStatusesOf(uid);
    },
  };
}

const RETRY_MS = 200;

/**
 * A write whose answer was lost may have happened. Only the leader writes here, so the version tells: still the one
 * before it, and it is done again; the one after it, and it is done. It ends when ZooKeeper answers or leadership is lost.
 */
async function certain<Version extends number | null>(
  write: () => Promise<Version>,
  readVersion: () => Promise<number | null>,
  { uid, before, after }: { uid: string; before: number | null; after: Version },
): Promise<Version> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof StateError && error.code === 'conflict') throw restored(uid, error.message, error);
      if (!isUnavailable(error)) throw error;
    }
    const version = await untilAnswered(readVersion);
    if (version === after) return after;
    if (version !== before) throw restored(uid, `it was at version ${before}, now ${version ?? 'gone'}`);
  }
}

/** The connection that comes after this one is reason to look again. */
async function unlessUnavailable(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}

async function untilAnswered<T>(read: () => Promise<T>): Promise<T> {
  for (;;) {
    await sleep(RETRY_MS);
    try {
      return await read();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof StateError && error.code === 'unavailable';
}

/** What executors of the cluster left; those that are still ending lose their ephemeral nodes by themselves. */
async function removeStatuses(zookeeper: ZooKeeper, root: string, uid: string): Promise<void> {
  try {
    await zookeeper.removeTree(statusPath(root, uid));
  } catch (error) {
    if (!isZooKeeperError(error)) throw error;
  }
}

function encodeInstallation(installation: Installation): Buffer {
  return Buffer.from(JSON.stringify(installation));
}

function parseInstallation(data: Buffer): Installation {
  const value = JSON.parse(data.toString('utf8')) as Partial<Installation> | null;
  if (value?.format !== 1 || typeof value.id !== 'string')
    throw new Error('is not an installation of format 1');
  return value as Installation;
}
