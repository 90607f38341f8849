import { ZooKeeperError } from './errors.ts';

export interface ZkAuth {
  user: string;
  password: string;
}

export interface ZkUrl {
  /** `host:port,host:port` */
  servers: string;
  /** Starts with `/` and does not end with one, except for the root itself. */
  path: string;
  auth?: ZkAuth;
}

const DEFAULT_PORT = 2181;

/**
 * Reads `zk://[user:password@]host[:port][,host[:port]…][/path]`.
 * A password may contain `@` and `:` (the last `@` and the first `:` separate).
 * Throws ZooKeeperError('invalid'); its message never holds the credentials.
 */
export function parseZkUrl(text: string): ZkUrl {
  if (!text.startsWith('zk://')) throw invalid('it must start with zk://');
  const rest = text.slice('zk://'.length);
  const at = rest.lastIndexOf('@');
  const auth = at < 0 ? undefined : parseAuth(rest.slice(0, at));
  const location = rest.slice(at + 1);
  const slash = location.indexOf('/');
  const servers = parseServers(slash < 0 ? location : location.slice(0, slash));
  const path = parsePath(slash < 0 ? '/' : location.slice(slash));
  return { servers, path, ...(auth && { auth }) };
}

/** The URL without credentials: safe to show, log and hand out. */
export function formatZkUrl(url: Pick<ZkUrl, 'servers' | 'path'>): string {
  return `zk://${url.servers}${url.path === '/' ? '' : url.path}`;
}

/** Throws ZooKeeperError('invalid') unless ZooKeeper would take this as an absolute path. */
export function checkPath(path: string): void {
  if (!path.startsWith('/')) throw new ZooKeeperError('invalid', `ZooKeeper path must start with /: ${path}`);
  if (path === '/') return;
  for (const part of path.slice(1).split('/')) {
    if (
      part === '' ||
      part === '.' ||
      part === '..' ||
      /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/u.test(part)
    ) {
      throw new ZooKeeperError(
        'invalid',
        `ZooKeeper path has an empty, relative or unprintable part: ${JSON.stringify(path)}`,
      );
    }
  }
}

/** `/a/b` → `/a`, `/a` → `/`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Joins a root (which may be `/`) with further names. */
export function joinPath(root: string, ...names: string[]): string {
  return [root === '/' ? '' : root, ...names].join('/') || '/';
}

function parseAuth(text: string): ZkAuth {
  const colon = text.indexOf(':');
  if (colon < 1) throw invalid('credentials must be user:password');
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function parseServers(text: string): string {
  const servers = text.split(',').map((server) => {
    const match = /^([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(server);
    const port = Number(match?.[2] ?? DEFAULT_PORT);
    if (!match || port < 1 || port > 65_535) throw invalid('servers must be host:port,host:port,…');
    return `${match[1]}:${port}`;
  });
  return servers.join(',');
}

function parsePath(text: string): string {
  const path = text.replace(/\/+$/, '') || '/';
  checkPath(path);
  return path;
}

function invalid(problem: string): ZooKeeperError {
  return new ZooKeeperError(
    'invalid',
    `Not a ZooKeeper URL (zk://[user:password@]host:port,…/path): ${problem}`,
  );
}
