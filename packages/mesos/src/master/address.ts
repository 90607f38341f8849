import { MesosError } from '../error.ts';
import { masterInfo } from '../wire/messages.ts';

const DEFAULT_MASTER_PORT = 5050;

/** The origin of a master, for instance `http://10.0.0.1:5050`. */
export type Origin = string;

/** `host`, `host:port` or `http(s)://host:port` → origin. Throws `option` for anything else. */
export function parseMasterAddress(address: string): Origin {
  const text = address.includes('://') ? address : `http://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username;
  if (!isPlain || url.hostname === '') {
    throw new MesosError('option', 'a master address is host:port or http://host:port');
  }
  if (url.port === '' && !address.includes('://')) url.port = String(DEFAULT_MASTER_PORT);
  return url.origin;
}

/**
 * Where a redirect points. Mesos sends `//host:port/master/api/v1/scheduler`: without scheme, the
 * host possibly a name, the path with a `/master` prefix that every master understands.
 */
export function redirectTarget(location: string | undefined, from: Origin): Origin | undefined {
  if (!location || !URL.canParse(location, from)) return undefined;
  const { origin, protocol } = new URL(location, from);
  return /^https?:$/.test(protocol) ? origin : undefined;
}

/** The origin in a `json.info_*` node. Its scheme is not stored there: masters speak plain HTTP by default. */
export function originOfMasterInfo(json: string): Origin {
  const { address, ip, port, hostname } = masterInfo.fromJson(json);
  const host = address?.ip ?? address?.hostname ?? (ip === 0 ? hostname : undefined) ?? unpackIp(ip);
  return parseMasterAddress(`http://${host.includes(':') ? `[${host}]` : host}:${address?.port ?? port}`);
}

/** The top-level `ip` is the address's four bytes in network order, read as a little-endian integer. */
function unpackIp(ip: number): string {
  return [ip & 255, (ip >>> 8) & 255, (ip >>> 16) & 255, ip >>> 24].join('.');
}
