/** Exclusive right to a volume; ends with this process, however it ends. */
export interface VolumeLock {
  release(): Promise<void>;
  /** Settles if the lock is lost although nobody released it (its holder process was killed). */
  lost: Promise<void>;
}
/** @throws MysqlOpsError `volume_in_use` */
export declare function lockVolume(volume: string): Promise<VolumeLock>;
