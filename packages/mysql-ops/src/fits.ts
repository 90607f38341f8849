import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';
import type { ReplicationSource } from './replication.ts';

/** What an instance's data allows: follow the source as it is, be rebuilt from it, or be saved and rebuilt. */
export type Fit = { fit: 'replicate' } | { fit: 'clone'; reason: string; missing: string } | { fit: 'errant'; errant: string };
/** Compares with the source over its MySQL port; own data is read first. @throws `unreachable`, `wrong_source` */
export declare function fits(admin: Admin, source: ReplicationSource, limit: Limit): Promise<Fit>;
