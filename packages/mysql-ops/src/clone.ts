import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';
import type { ReplicationSource } from './replication.ts';
import type { MysqlServer } from './server.ts';

export interface CloneOptions { signal?: AbortSignal; /** Give up after this long without progress; default 60 s. */ stalledMs?: number; onProgress?: (percent: number) => void }
/**
 * Replaces this instance's data with a copy of the donor's, then starts a new incarnation with a fresh server UUID,
 * closed and following nobody. A crash at any step is repaired by the next `prepareDataDirectory`.
 * @throws MysqlOpsError `clone_failed`
 */
export declare function cloneFrom(server: MysqlServer, admin: Admin, donor: ReplicationSource, options?: CloneOptions): Promise<{ server: MysqlServer; admin: Admin }>;
/** For tests of Limit. */
export type { Limit };
