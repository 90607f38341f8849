import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';

export interface OpenOptions {
  /** Acknowledgements a commit waits for; 0: none, semi-sync is off. */
  ackCount: number;
  /** Asked at the last moment before writes are let in: the epoch may have moved on. */
  stillWanted: () => boolean;
}
/** Makes this mysqld the primary: forgets its source, sets k, then opens. Idempotent. @throws `unapplied_transactions`, `superseded` */
export declare function openForWrites(admin: Admin, options: OpenOptions, limit: Limit): Promise<void>;
/** Changes k on an open primary. Going to 0 answers OK to everyone who waits: only after that was persisted. */
export declare function setAckCount(admin: Admin, ackCount: number, limit: Limit): Promise<void>;
/** Commits a marker and returns its GTID. With k > 0 it comes back when acknowledged. At most one can be under way. */
export declare function marker(admin: Admin, limit: Limit): Promise<string>;
/** super_read_only on or off, and nothing else. On: waits for commits under way. @throws `deadline` */
export declare function setReadOnly(admin: Admin, on: boolean, limit: Limit): Promise<void>;
/** Ends every session but our own and replication's. Returns how many. */
export declare function killClientSessions(admin: Admin, limit: Limit): Promise<number>;
export interface PrimaryState {
  writable: boolean;
  /** 0 when semi-sync is off. */
  ackCount: number;
  semiSyncActive: boolean;
  /** Attached acknowledging replicas as MySQL counts them; stale for black-holed ones. */
  semiSyncClients: number;
  /** Sessions waiting for an acknowledgement. */
  waitingSessions: number;
}
export declare function primaryState(admin: Admin, limit: Limit): Promise<PrimaryState>;
