import { MASTER_CAPABILITIES, MESOS_VERSION } from '../stand-in.ts';
import type { MasterConfig } from './config.ts';

/** An IPv4 address as MasterInfo packs it: in network byte order, read as a little-endian number. */
const packedIp = (ip: string): number => Buffer.from(ip.split('.').map(Number)).readUInt32LE(0);

/** MasterInfo as schedulers, operators and ZooKeeper see it. */
export function masterInfo({ ip, port, hostname }: MasterConfig, id: string): object {
  return {
    id,
    ip: packedIp(ip),
    port,
    pid: `master@${ip}:${port}`,
    hostname,
    version: MESOS_VERSION,
    address: { hostname, ip, port },
    capabilities: MASTER_CAPABILITIES.map((type) => ({ type })),
  };
}
