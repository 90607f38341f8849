/**
 * Every error a caller of the API can meet, in one list. docs/reference/errors.md explains the same list;
 * a test holds the two together. A code, once published, keeps its meaning for ever.
 */

interface ErrorKind {
  status: number;
  title: string;
  /** What the caller should do. */
  remedy: string;
}

export const ERRORS = {
  malformed_json: {
    status: 400,
    title: 'The body is not valid JSON',
    remedy: 'Send a JSON object, or form fields as application/x-www-form-urlencoded.',
  },
  malformed_body: {
    status: 400,
    title: 'The body has the wrong shape',
    remedy: 'Send one object with the fields of docs/reference/http.md.',
  },
  unknown_field: {
    status: 400,
    title: 'The request has a field nobody knows',
    remedy: 'Look for a spelling mistake; the fields are in docs/reference/http.md.',
  },
  invalid_cluster_name: {
    status: 400,
    title: 'Not a cluster name',
    remedy: 'Start with a letter; then at most 47 letters, digits, "_" or "-".',
  },
  reserved_cluster_name: {
    status: 400,
    title: 'This cluster name is reserved',
    remedy: 'Choose another name; the reserved ones are listed below.',
  },
  invalid_user: {
    status: 400,
    title: 'Not a user name for a cluster',
    remedy: 'Use 1 to 32 letters, digits, "_", "." or "-", starting with a letter, a digit or "_".',
  },
  reserved_user: {
    status: 400,
    title: 'This user name belongs to MySQL or to Cotton',
    remedy: 'Choose a name other than root, mysql.…, cotton_…, event_scheduler.',
  },
  invalid_password: {
    status: 400,
    title: 'Not a password MySQL can use',
    remedy: 'Use 1 to 213 bytes of UTF-8 without the NUL character, or send none and get a generated one.',
  },
  invalid_num_nodes: {
    status: 400,
    title: 'Not a number of instances',
    remedy: 'Use a whole number from 1 to 64.',
  },
  invalid_size: {
    status: 400,
    title: 'Not an instance size',
    remedy: 'Send {"cpus": 1.0, "mem": "512mb", "disk": "2gb"}: all three, sizes with a unit.',
  },
  size_too_small: {
    status: 400,
    title: 'The instance size is too small to run MySQL',
    remedy: 'Ask for at least the amounts in the detail.',
  },
  invalid_durability: {
    status: 400,
    title: 'Not a durability',
    remedy:
      'Send any of {"acks": 1, "min_in_sync": 0, "policy": "lossless", "heartbeat_bound": "3s"}; see docs/reference/http.md.',
  },
  invalid_promotion: {
    status: 400,
    title: 'Not a preference for promotions',
    remedy: 'Send {"<instance>": "prefer"}, or "neutral", "avoid", "never".',
  },
  invalid_duration: {
    status: 400,
    title: 'Not a duration, or out of bounds',
    remedy: 'Write 500ms, 10s or 2mins, within the bounds in the detail.',
  },
  backup_store_not_configured: {
    status: 400,
    title: 'This scheduler has no backup store',
    remedy: 'Leave backup_id out: this version has no backups yet.',
  },
  nothing_to_change: {
    status: 400,
    title: 'The request changes nothing that exists',
    remedy: 'Name at least one property to change, such as num_nodes.',
  },
  password_in_url: {
    status: 400,
    title: 'A password must not be in the URL',
    remedy: 'URLs end up in logs. Send the password in the body, and change this one: it has been exposed.',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'Not an idempotency key',
    remedy: 'Use 1 to 128 printable ASCII characters, the same for each repetition of one request.',
  },
  unauthorised: {
    status: 401,
    title: 'Who are you?',
    remedy: 'Send a bearer token or HTTP basic credentials.',
  },
  wrong_password: {
    status: 403,
    title: "Not this cluster's password",
    remedy: 'Send the password that the creation of the cluster answered.',
  },
  forbidden: {
    status: 403,
    title: 'You may not do this',
    remedy: 'Ask the operator for a role that may.',
  },
  cluster_not_found: {
    status: 404,
    title: 'No such cluster',
    remedy:
      'GET /clusters lists those that exist. A deleted cluster is not found once nothing of it is left.',
  },
  member_not_found: {
    status: 404,
    title: 'No such instance in this cluster',
    remedy: 'GET /clusters/<name> lists its members.',
  },
  route_not_found: {
    status: 404,
    title: 'No such address',
    remedy: 'The addresses are in docs/reference/http.md and GET /openapi.json.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This address does not take that method',
    remedy: 'The Allow header names the methods it takes.',
  },
  cluster_exists: {
    status: 409,
    title: 'A cluster of this name exists',
    remedy: 'Choose another name (case makes no difference), or delete the other cluster first.',
  },
  cluster_deleting: {
    status: 409,
    title: 'The cluster is being deleted',
    remedy: 'Wait until GET answers 404.',
  },
  switchover_refused: {
    status: 409,
    title: 'The switchover cannot begin',
    remedy: 'The detail says what is in the way; nothing was changed. Try again when it is gone.',
  },
  failover_refused: {
    status: 409,
    title: 'The failover cannot begin',
    remedy: 'The detail says what is in the way; nothing was changed.',
  },
  conflict: {
    status: 409,
    title: 'The cluster changed meanwhile',
    remedy: 'Read it again and repeat the request if it still makes sense.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    remedy: 'Requests are at most 64 KiB.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Not a content type this API reads',
    remedy: 'Use application/json or application/x-www-form-urlencoded.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This idempotency key belongs to another request',
    remedy: 'Use a fresh key for each new request.',
  },
  internal_error: {
    status: 500,
    title: 'A fault in the scheduler',
    remedy: 'Look into its log for the request id in the detail and report it.',
  },
  not_connected: {
    status: 503,
    title: 'The scheduler is not connected to Mesos yet',
    remedy: 'Try again after the seconds in Retry-After; nothing was changed.',
  },
  too_many_streams: {
    status: 503,
    title: 'Too many event streams are open',
    remedy: 'Close streams that nobody reads, or try again after the seconds in Retry-After.',
  },
  no_leader: {
    status: 503,
    title: 'No scheduler leads at the moment',
    remedy: 'Try again after the seconds in Retry-After; nothing was changed.',
  },
  state_unavailable: {
    status: 503,
    title: 'The scheduler cannot reach its state storage',
    remedy: 'Repeat with the same Idempotency-Key: the change may have been kept.',
  },
} as const satisfies Record<string, ErrorKind>;

/** A stable error code of the API. */
export type ErrorCode = keyof typeof ERRORS;

/** What only a client meets: no scheduler answered, it moved, its answer made no sense, or time was up. */
export type ClientErrorCode = 'unreachable' | 'redirected' | 'bad_response' | 'aborted';

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

/** One field of a request that was refused. */
export interface FieldProblem {
  field: string;
  code: ErrorCode;
  message: string;
}

/** The body of every error answer, `application/problem+json` (RFC 9457). */
export interface Problem {
  /** `urn:cotton:error:<code>` */
  type: string;
  code: ErrorCode;
  title: string;
  status: number;
  /** What is wrong with this very request, for people. Never holds a secret. */
  detail: string;
  remedy: string;
  /** All refused fields, when the request had any. */
  errors?: FieldProblem[];
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** The package's error: thrown by the scheduler to answer a problem, and by the client when it received one. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | ClientErrorCode;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly fields: readonly FieldProblem[];

  constructor(
    code: ErrorCode | ClientErrorCode,
    detail: string,
    options: { cause?: unknown; fields?: readonly FieldProblem[] } = {},
  ) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.status = isErrorCode(code) ? ERRORS[code].status : 0;
    this.fields = options.fields ?? [];
  }
}

/** The answer's body for an error. Codes that only clients know become `internal_error`. */
export function toProblem(error: ApiError): Problem {
  const code = isErrorCode(error.code) ? error.code : 'internal_error';
  const { status, title, remedy } = ERRORS[code];
  const problem: Problem = {
    type: `urn:cotton:error:${code}`,
    code,
    title,
    status,
    detail: error.message,
    remedy,
  };
  return error.fields.length > 0 ? { ...problem, errors: [...error.fields] } : problem;
}

/** The error for refused fields: the first one's code, all of them listed. @throws never returns normally. */
export function refuseFields(fields: readonly FieldProblem[]): never {
  const first = fields[0];
  if (!first) throw new TypeError('refuseFields needs at least one problem');
  const detail = fields.map((problem) => `${problem.field}: ${problem.message}`).join('; ');
  throw new ApiError(first.code, detail, { fields });
}
