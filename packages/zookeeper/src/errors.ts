/**
 * - `no_node`, `node_exists`, `bad_version`, `not_empty`, `no_auth`: ZooKeeper's own answers.
 * - `connection_loss`, `session_lost`, `deadline`: no answer; whether a write happened is unknown.
 * - `overloaded`: too many calls are waiting already; nothing was sent.
 * - `closed`: this client was closed. `invalid`: the request can never succeed as it is.
 */
export type ZooKeeperErrorCode =
  | 'no_node'
  | 'node_exists'
  | 'bad_version'
  | 'not_empty'
  | 'no_auth'
  | 'connection_loss'
  | 'session_lost'
  | 'deadline'
  | 'overloaded'
  | 'closed'
  | 'invalid';

export class ZooKeeperError extends Error {
  override readonly name = 'ZooKeeperError';
  readonly code: ZooKeeperErrorCode;
  /** Which operation of a `multi` was refused, counted from 0. */
  readonly failedOp: number | undefined;

  constructor(
    code: ZooKeeperErrorCode,
    message: string,
    options: { cause?: unknown; failedOp?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.failedOp = options.failedOp;
  }
}

/** The connection ended before an answer came; the call may be tried again within its deadline. */
export class ConnectionBroken extends ZooKeeperError {
  constructor(what: string) {
    super('connection_loss', `${what}: no connection to ZooKeeper`);
  }
}

/** Is this a ZooKeeperError with one of these codes? */
export function isZooKeeperError(error: unknown, ...codes: ZooKeeperErrorCode[]): error is ZooKeeperError {
  return error instanceof ZooKeeperError && (codes.length === 0 || codes.includes(error.code));
}

/** ZooKeeper's protocol error numbers (org.apache.zookeeper.KeeperException.Code). */
const CONNECTION_LOSS = -4;
const codeOfProtocolError: Record<number, ZooKeeperErrorCode> = {
  [-101]: 'no_node',
  [-102]: 'no_auth',
  [-103]: 'bad_version',
  [-110]: 'node_exists',
  [-111]: 'not_empty',
  [-112]: 'session_lost',
  [-115]: 'no_auth',
};

/** An answer of the server as our error; `what` names the request for the reader of a log. */
export function errorFromProtocol(number: number, what: string, failedOp?: number): ZooKeeperError {
  if (number === CONNECTION_LOSS) return new ConnectionBroken(what);
  const code = codeOfProtocolError[number] ?? 'invalid';
  return new ZooKeeperError(code, `${what}: ${code} (ZooKeeper error ${number})`, { failedOp });
}
