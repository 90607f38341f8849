import { lchown, mkdir, rename, rm, stat } from 'node:fs/promises';
import { copyTree, readIfThere, removeDurably, settleTree, syncPath, writeDurably } from './durable-files.ts';
import { MysqlOpsError } from './error.ts';
import { initialise } from './initialise.ts';
import type { MysqlInstallation } from './installation.ts';
import { aborted } from './limit.ts';
import { clearRebuildMark, readRebuildMark } from './rebuild-mark.ts';
import { onVolume } from './volume-errors.ts';
import { volumeLayout } from './volume-layout.ts';

/** Whose data a volume holds. Names are for people: the uid tells a recreated cluster from its predecessor. */
export interface VolumeIdentity {
  clusterUid: string;
  instance: string;
}

export interface Owner {
  uid: number;
  gid: number;
}

export interface DataDirectory {
  volume: string;
  /** mysqld's data directory. */
  path: string;
  /** How it came to be, this time. */
  origin: 'reused' | 'template' | 'initialised';
  /** Whom mysqld runs as; undefined: as this process. */
  owner?: Owner;
}

export interface PrepareOptions {
  volume: string;
  installation: MysqlInstallation;
  identity: VolumeIdentity;
  /** Run mysqld as this user; only root can. See `volumeOwner`. */
  owner?: Owner;
  signal?: AbortSignal;
  onPhase?: (phase: 'copying' | 'initialising') => void;
}

/** The volume's owner where this process is root and the owner is not: mysqld should run as that user. */
export async function volumeOwner(volume: string): Promise<Owner | undefined> {
  const { uid, gid } = await stat(volume);
  return process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : undefined;
}

/**
 * Makes the volume hold a whole data directory of this instance: the one that is there, a copy of the package's
 * template, or a newly initialised one. Call it under the volume's lock. What a crash leaves half done is redone.
 * @throws MysqlOpsError `volume_foreign`, `volume_read_only`, `volume_full`, `initialise_failed`, `aborted`
 */
export async function prepareDataDirectory(options: PrepareOptions): Promise<DataDirectory> {
  return onVolume(options.volume, prepare(options));
}

async function prepare(options: PrepareOptions): Promise<DataDirectory> {
  const { volume, owner } = options;
  const layout = volumeLayout(volume);
  await claimVolume(options);
  for (const directory of [layout.run, layout.tmp, layout.log]) await mkdirFor(directory, owner);
  await rm(layout.unfinished, { recursive: true, force: true });
  await rm(layout.discarded, { recursive: true, force: true });
  if ((await readRebuildMark(volume)) === 'cloning') await discardData(volume);
  const isReused = await isThere(layout.data);
  if (isReused) await handOver(layout.data, owner);
  const origin = isReused ? 'reused' : await createData(options);
  return { volume, path: layout.data, origin, owner };
}

/** The identity is on disk before the first data: data without an identity are somebody else's. */
async function claimVolume({ volume, identity }: PrepareOptions): Promise<void> {
  const layout = volumeLayout(volume);
  const text = await readIfThere(layout.identity);
  if (text === undefined) {
    if (await isThere(layout.data))
      throw new MysqlOpsError('volume_foreign', `${volume} has data but no identity`);
    const { clusterUid, instance } = identity;
    return writeDurably(layout.identity, `${JSON.stringify({ format: 1, clusterUid, instance })}\n`);
  }
  const found = parseIdentity(text);
  if (found.clusterUid !== identity.clusterUid || found.instance !== identity.instance) {
    const whose = `${String(found.instance)} of cluster ${String(found.clusterUid)}`;
    throw new MysqlOpsError('volume_foreign', `${volume} belongs to ${whose}`);
  }
}

function parseIdentity(text: string): Partial<VolumeIdentity> {
  try {
    return JSON.parse(text) as Partial<VolumeIdentity>;
  } catch {
    return {};
  }
}

/**
 * A CLONE that did not end leaves a mixture, possibly with the GTID set of data that are gone: start from nothing.
 * The mark goes last: until then a crash leads here again.
 */
async function discardData(volume: string): Promise<void> {
  const layout = volumeLayout(volume);
  if (await isThere(layout.data)) await rename(layout.data, layout.discarded);
  await syncPath(volume);
  await clearRebuildMark(volume);
  await rm(layout.discarded, { recursive: true, force: true });
}

async function createData(options: PrepareOptions): Promise<'template' | 'initialised'> {
  const { volume, installation, owner, signal, onPhase } = options;
  const layout = volumeLayout(volume);
  if (signal?.aborted) throw aborted(signal);
  const { template } = installation;
  if (template !== undefined) {
    onPhase?.('copying');
    await copyTree(template, layout.unfinished, (name) => !IDENTITY_FILES.test(name));
  } else {
    onPhase?.('initialising');
    await initialise(installation, layout.unfinished, layout.tmp, signal);
    await removeDurably(`${layout.unfinished}/auto.cnf`);
  }
  await settleTree(layout.unfinished, owner);
  // The rename is the moment the data directory exists; before it, everything is done again.
  await rename(layout.unfinished, layout.data);
  await syncPath(volume);
  return template === undefined ? 'initialised' : 'template';
}

/** What makes an instance itself must not come out of a template: its UUID, its binary logs, its keys. */
const IDENTITY_FILES = /^(auto\.cnf|binlog\..*|relay\..*|.*\.pem|.*\.sock(\.lock)?|.*\.pid)$/;

/** The volume may come back with another owner than the one it was written for. */
async function handOver(data: string, owner?: Owner): Promise<void> {
  if (owner && (await stat(data)).uid !== owner.uid) await settleTree(data, owner);
}

async function mkdirFor(directory: string, owner?: Owner): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
  if (owner) await lchown(directory, owner.uid, owner.gid);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
