/** ServerSets as Finagle, Twitter's commons and the original Cotton read them: the only place that knows their wire names. */

export const PRIMARY_GROUP = 'master';
export const REPLICA_GROUP = 'slaves';
/** ZooKeeper appends ten digits. */
export const MEMBER_PREFIX = 'member_';

export interface ServerSetMember {
  host: string;
  port: number;
  /** Where the instance answers `/primary`, `/replica`, `/healthz`, `/metrics`. */
  httpPort?: number;
  /** Number of the instance within its cluster. */
  shard?: number;
}

interface WireEndpoint {
  host: string;
  port: number;
}

interface WireMember {
  serviceEndpoint: WireEndpoint;
  additionalEndpoints: { http?: WireEndpoint };
  status: string;
  shard?: number;
}

export function encodeMember({ host, port, httpPort, shard }: ServerSetMember): Buffer {
  const wire: WireMember = {
    serviceEndpoint: { host, port },
    additionalEndpoints: httpPort === undefined ? {} : { http: { host, port: httpPort } },
    status: 'ALIVE',
    ...(shard !== undefined && { shard }),
  };
  return Buffer.from(JSON.stringify(wire));
}

/** undefined for what is no live member; others may write here too. */
export function decodeMember(data: Buffer): ServerSetMember | undefined {
  let wire: Partial<WireMember> | null;
  try {
    wire = JSON.parse(data.toString()) as Partial<WireMember> | null;
  } catch {
    return undefined;
  }
  const service = wire?.serviceEndpoint;
  if (wire?.status !== 'ALIVE' || typeof service?.host !== 'string' || typeof service.port !== 'number')
    return undefined;
  const httpPort = wire.additionalEndpoints?.http?.port;
  return {
    host: service.host,
    port: service.port,
    ...(typeof httpPort === 'number' && { httpPort }),
    ...(typeof wire.shard === 'number' && { shard: wire.shard }),
  };
}

/** Which members to take out (by node name) and which to add, so that the group holds exactly `wanted`. */
export function reconcileGroup(
  current: ReadonlyMap<string, Buffer>,
  wanted: readonly ServerSetMember[],
): { remove: string[]; add: Buffer[] } {
  const add = wanted.map(encodeMember);
  const remove: string[] = [];
  for (const [name, data] of current) {
    const index = add.findIndex((missing) => missing.equals(data));
    if (index < 0) remove.push(name);
    else add.splice(index, 1);
  }
  return { remove, add };
}
