/** One backup as its store lists it. */
export interface Backup {
  id: string;
  cluster: string;
  createdAt: Date;
  bytes: number;
}

/** Where backups live. "Your Cotton" may bring its own; every method may be given up through `signal`. */
export interface BackupStore {
  readonly name: string;
  /** Turns what the user asked for (an id, `latest`) into one backup. */
  discover(backupId: string, signal: AbortSignal): Promise<Backup>;
  /** Brings the backup into `directory`, decrypted and unpacked, ready to be a data directory. */
  fetch(backup: Backup, directory: string, signal: AbortSignal): Promise<void>;
  list(cluster: string, signal: AbortSignal): Promise<Backup[]>;
  /** Stores what stands in `directory`. */
  put(cluster: string, directory: string, signal: AbortSignal): Promise<Backup>;
  remove(backup: Backup, signal: AbortSignal): Promise<void>;
}
