/** One request to whichever scheduler leads: redirects, other schedulers, retries within one bound. */
import { ApiError, isErrorCode, type FieldProblem } from './errors.ts';
import { IDEMPOTENCY_HEADER } from './fields.ts';

export interface TransportOptions {
  /** Base addresses of the schedulers, such as `http://host:5055`; '' is the page's own origin in a browser. */
  urls: readonly string[];
  /** Sent as `Authorization`, also to the leader a standby names. */
  auth?: { token: string } | { user: string; password: string };
  /** How long to look for a scheduler that answers. Default 10 s; 0 tries each address once. */
  retryMs?: number;
  /** Bound of one attempt. Default 30 s. */
  attemptTimeoutMs?: number;
  fetch?: typeof fetch;
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  idempotencyKey?: string;
  /** Follow server-sent events after the one with this id; '' from now on. */
  eventsAfter?: string;
  signal?: AbortSignal | undefined;
}

type Reader<T> = (response: Response) => Promise<T>;

const MAX_REDIRECTS = 5;
const MAX_URLS = 16;
const RETRY_PAUSE_MS = 250;
/** An answer beyond this is not ours; 1,000 clusters are well below 1 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 ** 2;

export class Transport {
  readonly #urls: readonly string[];
  readonly #headers: Record<string, string>;
  readonly #retryMs: number;
  readonly #attemptTimeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor(options: TransportOptions) {
    if (options.urls.length === 0 || options.urls.length > MAX_URLS)
      throw new TypeError(`1 to ${MAX_URLS} scheduler addresses are needed`);
    this.#urls = options.urls.map((url) => url.replace(/\/+$/, ''));
    this.#headers = { accept: 'application/json', ...authorization(options.auth) };
    this.#retryMs = options.retryMs ?? 10_000;
    this.#attemptTimeoutMs = options.attemptTimeoutMs ?? 30_000;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /** The JSON answer of a request that succeeded. @throws ApiError */
  call<T>(call: Call): Promise<T> {
    return this.#ask<T>(call, readAnswer);
  }

  /** The answer of a request that succeeded, with its body still to be read; only `signal` ends it. @throws ApiError */
  open(call: Call): Promise<Response> {
    return this.#ask(call, async (response) => {
      if (response.ok) return response;
      return readAnswer(response);
    });
  }

  async #ask<T>(call: Call, read: Reader<T>): Promise<T> {
    const giveUpAt = Date.now() + this.#retryMs;
    for (;;) {
      const failure = await this.#tryEach(call, read);
      if ('answer' in failure) return failure.answer;
      call.signal?.throwIfAborted();
      if (Date.now() + RETRY_PAUSE_MS > giveUpAt) throw failure.error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
    }
  }

  /** Asks each scheduler once; only failures that changed nothing lead on to the next one. */
  async #tryEach<T>(call: Call, read: Reader<T>): Promise<{ answer: T } | { error: ApiError }> {
    let last: ApiError | undefined;
    for (const url of this.#urls) {
      try {
        return { answer: await this.#followRedirects(url, call, read) };
      } catch (error) {
        if (!(error instanceof ApiError) || !mayRepeat(error, call)) throw error;
        // What a living scheduler says is worth more than that another one is down.
        last = last && last.code !== 'unreachable' ? last : error;
      }
    }
    return { error: last ?? new ApiError('unreachable', 'No scheduler address is known.') };
  }

  async #followRedirects<T>(base: string, call: Call, read: Reader<T>): Promise<T> {
    let url = base + call.path;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.#send(url, call);
      // A browser hides where a redirect leads; its page has to be loaded again, which follows it.
      if (response.type === 'opaqueredirect')
        throw new ApiError('redirected', 'Another scheduler leads now.');
      const location = response.headers.get('location');
      if (response.status !== 307 || location === null) return read(response);
      await response.body?.cancel();
      url = new URL(location, url).href;
    }
    throw new ApiError('no_leader', 'The schedulers redirect to each other; none of them leads.');
  }

  /** Sends once. Redirects are followed by hand, because fetch drops credentials on the way to another host. */
  async #send(url: string, call: Call): Promise<Response> {
    const patience = patienceFor(call, this.#attemptTimeoutMs);
    const headers: Record<string, string> = { ...this.#headers };
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    if (call.eventsAfter) headers['last-event-id'] = call.eventsAfter;
    if (call.idempotencyKey !== undefined) headers[IDEMPOTENCY_HEADER] = call.idempotencyKey;
    try {
      return await this.#fetch(url, {
        method: call.method,
        headers,
        redirect: 'manual',
        signal: call.signal ? AbortSignal.any([call.signal, patience.signal]) : patience.signal,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
    } catch (cause) {
      if (call.signal?.aborted) throw new ApiError('aborted', 'The request was given up.', { cause });
      throw new ApiError('unreachable', `No answer from ${withoutPath(url)}: ${reasonOf(cause)}`, { cause });
    } finally {
      patience.answered();
    }
  }
}

/** An answer has to be read within the time, too; a stream only has to begin. */
function patienceFor(call: Call, ms: number): { signal: AbortSignal; answered(): void } {
  if (call.eventsAfter === undefined) return { signal: AbortSignal.timeout(ms), answered: () => undefined };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException('No answer', 'TimeoutError')), ms);
  return { signal: controller.signal, answered: () => clearTimeout(timer) };
}

const NOTHING_DONE_YET: readonly ApiError['code'][] = ['not_connected', 'no_leader', 'too_many_streams'];

/**
 * May the request be sent again? Where the scheduler says that it could not do it yet, nothing was done. No answer:
 * only where doing it twice is doing it once, or where the connection was refused before anything was sent.
 */
function mayRepeat(error: ApiError, call: Call): boolean {
  if (NOTHING_DONE_YET.includes(error.code)) return true;
  if (error.code !== 'unreachable') return false;
  return (
    call.method !== 'POST' || call.idempotencyKey !== undefined || codeOf(error.cause) === 'ECONNREFUSED'
  );
}

async function readAnswer<T>(response: Response): Promise<T> {
  const text = await readText(response);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new ApiError('bad_response', `HTTP ${response.status} without JSON: is this a Cotton scheduler?`, {
      cause,
    });
  }
  if (response.ok) return body as T;
  throw problemError(response.status, body);
}

async function readText(response: Response): Promise<string> {
  if (Number(response.headers.get('content-length') ?? 0) > MAX_ANSWER_BYTES)
    throw new ApiError('bad_response', 'The answer is too large to be a scheduler’s.');
  try {
    return await response.text();
  } catch (cause) {
    throw new ApiError('unreachable', `The answer broke off: ${reasonOf(cause)}`, { cause });
  }
}

function problemError(status: number, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const detail = typeof problem.detail === 'string' ? problem.detail : `HTTP ${status}`;
  if (!isErrorCode(problem.code)) return new ApiError('bad_response', `HTTP ${status}: ${detail}`);
  const fields = Array.isArray(problem.errors) ? (problem.errors as FieldProblem[]) : [];
  return new ApiError(problem.code, detail, { fields });
}

function authorization(auth: TransportOptions['auth']): Record<string, string> {
  if (!auth) return {};
  if ('token' in auth) return { authorization: `Bearer ${auth.token}` };
  const bytes = new TextEncoder().encode(`${auth.user}:${auth.password}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

function withoutPath(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the scheduler';
}

/** Node hides the reason of a failed fetch one or two causes deep. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 3) return undefined;
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string') return code;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return codeOf(inner, depth + 1);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'it took too long';
  return codeOf(error) ?? (error.cause instanceof Error ? error.cause.message : error.message);
}
