import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';

/** GTID sets as text, without white space. */
export interface Position {
  serverUuid: string;
  executed: string;
  /** Whole transactions in the relay log, applied or not. */
  received: string;
  purged: string;
}
export interface ReplicationSource {
  host: string;
  port: number;
  user: string;
  /** Printable ASCII, at most 32 characters (MySQL's limit). */
  password: string;
  serverUuid: string;
}
export interface ReplicaState {
  /** A channel is configured. */
  configured: boolean;
  source?: { host: string; port: number; serverUuid: string };
  receiver: 'running' | 'connecting' | 'stopped';
  applierRunning: boolean;
  receiverError?: string;
  applierError?: string;
  received: string;
  executed: string;
  /** Seconds behind the source by its clock; null while unknown. */
  lagSeconds: number | null;
  /** It acknowledges (the receiver started with semi-sync on). */
  semiSync: boolean;
}
export declare function position(admin: Admin, limit: Limit): Promise<Position>;
/** Stops the receiver and nothing else. @throws `deadline` (it can hang on a full disk: then kill mysqld) */
export declare function stopReceiving(admin: Admin, limit: Limit): Promise<void>;
/**
 * Follows `source`, keeping everything received so far. Returns once the receiver is connected to the right server,
 * or, when the source does not answer within the limit, with 'connecting': mysqld keeps trying every second.
 * @throws MysqlOpsError `not_read_only`, `applier_broken`, `wrong_source`
 */
export declare function follow(admin: Admin, source: ReplicationSource, options: { semiSync: boolean }, limit: Limit): Promise<'connected' | 'connecting'>;
/** From now on (receiver restarted) this replica acknowledges, or no longer does. `source` names the credentials again. */
export declare function setReplicaSemiSync(admin: Admin, on: boolean, source: ReplicationSource, limit: Limit): Promise<void>;
export declare function replicaState(admin: Admin, limit: Limit): Promise<ReplicaState>;
/** Runs the applier until everything received is executed; the deadline counts from the last progress. @throws `deadline`, `applier_broken`, `not_read_only` */
export declare function applyAllReceived(admin: Admin, limit: Limit, onProgress?: (executed: string) => void): Promise<Position>;
/** @throws `deadline` */
export declare function waitForGtid(admin: Admin, set: string, limit: Limit): Promise<void>;
