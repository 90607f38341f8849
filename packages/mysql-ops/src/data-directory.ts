import type { MysqlInstallation } from './installation.ts';

/** Whose data a volume holds. Names are for people: the uid tells a recreated cluster from its predecessor. */
export interface VolumeIdentity {
  clusterUid: string;
  instance: string;
}
export interface DataDirectory {
  volume: string;
  /** mysqld's data directory, `<volume>/data`. */
  path: string;
  /** How it came to be, this time. */
  origin: 'reused' | 'template' | 'initialised';
  /** User and group that mysqld runs as; undefined: this process's own. */
  owner?: { uid: number; gid: number };
}
export interface PrepareOptions {
  volume: string;
  installation: MysqlInstallation;
  identity: VolumeIdentity;
  /** Run mysqld as this user (needs root). Usually the owner of the volume, see `volumeOwner`. */
  owner?: { uid: number; gid: number };
  signal?: AbortSignal;
  onPhase?: (phase: 'copying' | 'initialising') => void;
}
/** Idempotent and crash-safe. @throws MysqlOpsError `volume_*`, `initialise_failed`, `aborted` */
export declare function prepareDataDirectory(options: PrepareOptions): Promise<DataDirectory>;
/** The owner of a volume when this process is root and the owner is not; else undefined: no privileges to drop. */
export declare function volumeOwner(volume: string): Promise<{ uid: number; gid: number } | undefined>;
