import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';

export interface ProbeResult { alive: boolean; readOnly?: boolean; latencyMs: number; reason?: string }
/** Whether mysqld answers, on a session kept for this. Never throws; a missed limit is `alive: false`. */
export declare function probe(admin: Admin, limit: Limit): Promise<ProbeResult>;
