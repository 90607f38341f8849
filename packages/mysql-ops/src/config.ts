import type { MemoryPlan } from './memory.ts';
import type { MysqlInstallation } from './installation.ts';
import type { DataDirectory } from './data-directory.ts';

export interface ServerSettings {
  serverId: number;
  /** The address that the agent advertises, as an IP address. */
  bindAddress: string;
  port: number;
  /** Acknowledgements a commit waits for from boot on, until `openForWrites` says otherwise. At least 1. */
  bootAckCount: number;
  memory: MemoryPlan;
  /** my.cnf texts, later ones win: the organisation's, then the cluster's. @throws `config_refused` */
  overlays?: string[];
}
export declare function renderConfig(installation: MysqlInstallation, data: DataDirectory, settings: ServerSettings): string;
