import { ZooKeeperError } from './errors.ts';
import type { ZkAuth } from './url.ts';

/** Fields never hold credentials or node data. */
export type Log = (message: string, fields: Record<string, unknown>) => void;

export interface ZooKeeperOptions {
  /** `host:port,host:port` (as `parseZkUrl` gives it). */
  servers: string;
  /** With credentials every node we create is open to them alone (digest, creator-all). */
  auth?: ZkAuth;
  /** Asked for; the server may grant another (2 to 20 of its ticks). See `ZooKeeper.sessionTimeoutMs`. */
  sessionTimeoutMs: number;
  /** How long one call, and `connect` itself, may take in all. Default: the session timeout. */
  deadlineMs?: number;
  log?: Log;
  /** Monotonic clock in ms, for tests. */
  now?: () => number;
}

const MIN_SESSION_TIMEOUT_MS = 300;
const MAX_SESSION_TIMEOUT_MS = 3_600_000;

export function checkOptions(
  options: ZooKeeperOptions,
): Required<Omit<ZooKeeperOptions, 'auth'>> & Pick<ZooKeeperOptions, 'auth'> {
  const { servers, auth, sessionTimeoutMs } = options;
  const deadlineMs = options.deadlineMs ?? sessionTimeoutMs;
  if (!/^[^\s,/@:]+:\d+(,[^\s,/@:]+:\d+)*$/.test(servers)) {
    throw new ZooKeeperError('invalid', 'ZooKeeper servers must be host:port,host:port,…');
  }
  if (!(sessionTimeoutMs >= MIN_SESSION_TIMEOUT_MS && sessionTimeoutMs <= MAX_SESSION_TIMEOUT_MS)) {
    throw new ZooKeeperError(
      'invalid',
      `ZooKeeper session timeout must be ${MIN_SESSION_TIMEOUT_MS} ms to 1 h`,
    );
  }
  if (!(deadlineMs > 0)) throw new ZooKeeperError('invalid', 'ZooKeeper deadline must be positive');
  return {
    servers,
    auth,
    sessionTimeoutMs,
    deadlineMs,
    log: options.log ?? (() => undefined),
    now: options.now ?? (() => performance.now()),
  };
}
