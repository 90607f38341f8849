import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';

export interface AccountPlan {
  /** The cluster's user. Password: any text of at most 255 bytes. */
  user: string;
  password: string;
  /** One for each instance; passwords of printable ASCII, at most 32 characters. */
  replicationAccounts: { user: string; password: string }[];
}
/** On the primary, through the binary log. Writes nothing where all is as it should be. @throws `bad_account`, `not_writable` */
export declare function ensureAccounts(admin: Admin, plan: AccountPlan, limit: Limit): Promise<void>;
