import { Client } from 'undici';
import { redirectTarget, type Origin } from '../master/address.ts';
import { basicAuthorization, type BasicCredential } from '../transport/auth.ts';
import { post, postForStream, type Answer } from '../transport/post.ts';
import { PROTOBUF } from '../wire/codec.ts';
import type { SchedulerCall } from '../wire/generated/types.ts';
import { schedulerCall } from '../wire/messages.ts';
import type { RefusalReason } from './events.ts';

const PATH = '/api/v1/scheduler';
/** Calls waiting for the one connection; far more than a framework has reason to send at once. */
const MAX_PENDING_CALLS = 10_000;

/**
 * What became of a call:
 * - ok: the master took it (202); what it does shows in events
 * - `rejected`: the master answered `status` with `message`
 * - `not_subscribed`: not sent, or sent to a master that no longer knows this subscription
 * - `no_answer`: it may or may not have been taken
 * - `overloaded`: not sent, too many are waiting
 */
export type CallResult =
  | { ok: true }
  | { ok: false; code: 'rejected'; status: number; message: string }
  | { ok: false; code: 'not_subscribed' | 'no_answer' | 'overloaded'; message: string };

export type SubscribeOutcome =
  | { kind: 'open'; subscription: Subscription; records: AsyncIterable<Buffer> }
  | { kind: 'redirect'; origin: Origin }
  | { kind: 'retry'; reason: string }
  | { kind: 'refused'; reason: RefusalReason; message: string };

export interface SubscribeRequest {
  origin: Origin;
  call: SchedulerCall;
  credential?: BasicCredential | undefined;
  timeoutMs: number;
  signal: AbortSignal;
  /** Called when a call shows that this subscription is no longer known to a leading master. */
  onStale: (reason: string) => void;
}

/** One try to subscribe at one master. Throws `network` when it does not answer. */
export async function subscribe(request: SubscribeRequest): Promise<SubscribeOutcome> {
  const { origin, call, credential, timeoutMs, signal } = request;
  const headers = { 'content-type': PROTOBUF, accept: PROTOBUF, ...basicAuthorization(credential) };
  // The stream has a connection of its own: calls must not wait behind it.
  const client = newClient(origin, timeoutMs);
  const close = (): void => void client.destroy();
  signal.addEventListener('abort', close, { once: true });
  try {
    const answer = await postForStream(client, {
      path: PATH,
      headers,
      body: schedulerCall.encode(call),
      signal,
    });
    if (answer.kind === 'answer') {
      close();
      return judge(answer, origin);
    }
    const streamId = answer.headers['mesos-stream-id'];
    const subscription = new Subscription(request, {
      ...headers,
      ...(streamId && { 'mesos-stream-id': streamId }),
    });
    return { kind: 'open', subscription, records: answer.records };
  } catch (error) {
    close();
    throw error;
  }
}

const RETRIED = new Set([404, 408, 429]);

function judge({ status, headers, body }: Answer, origin: Origin): SubscribeOutcome {
  const message = body.toString('utf8').trim() || `status ${status}`;
  if (status === 307) {
    const target = redirectTarget(headers.location, origin);
    return target
      ? { kind: 'redirect', origin: target }
      : { kind: 'retry', reason: 'redirect without a target' };
  }
  if (status === 401 || status === 403) return { kind: 'refused', reason: 'unauthorized', message };
  // 503: no leader elected, or one that is recovering. 404: its routes are not there yet. Proxies say 408 and 429.
  if (status >= 500 || RETRIED.has(status)) return { kind: 'retry', reason: message };
  return { kind: 'refused', reason: 'refused', message };
}

/** Another master leads, this one is starting or recovering, or it lost our stream. */
const STALE = new Set([307, 403, 404, 503]);

/** An open subscription: sends calls in order, over one connection, under its stream id. */
export class Subscription {
  readonly #client: Client;
  readonly #headers: Record<string, string>;
  readonly #onStale: (reason: string) => void;
  #pending = 0;
  #closed = false;

  constructor({ origin, timeoutMs, onStale }: SubscribeRequest, headers: Record<string, string>) {
    this.#client = newClient(origin, timeoutMs);
    this.#headers = headers;
    this.#onStale = onStale;
  }

  async call(call: SchedulerCall): Promise<CallResult> {
    if (this.#closed) return notSubscribed;
    if (this.#pending >= MAX_PENDING_CALLS) {
      return { ok: false, code: 'overloaded', message: `${this.#pending} calls are waiting` };
    }
    const body = schedulerCall.encode(call);
    this.#pending += 1;
    try {
      // No await before `post`: the order of the calls is the order on the wire.
      return this.#judge(await post(this.#client, { path: PATH, headers: this.#headers, body }));
    } catch (error) {
      if (this.#closed) return notSubscribed;
      // Taken or not, nobody knows. Only a new subscription brings both sides to one view: it voids offers and filters.
      const { message } = error as Error;
      this.#onStale(`a call got no answer: ${message}`);
      return { ok: false, code: 'no_answer', message };
    } finally {
      this.#pending -= 1;
    }
  }

  /** Calls still under way come to nothing. */
  close(): void {
    this.#closed = true;
    void this.#client.destroy();
  }

  #judge({ status, body }: Answer): CallResult {
    if (status === 202 || status === 200) return { ok: true };
    const message = body.toString('utf8').trim() || `status ${status}`;
    if (STALE.has(status) || /stream id|Mesos-Stream-Id|Framework cannot be found/i.test(message)) {
      if (!this.#closed) this.#onStale(`a call was answered ${status}: ${message}`);
      return { ok: false, code: 'not_subscribed', message };
    }
    return { ok: false, code: 'rejected', status, message };
  }
}

export const notSubscribed: CallResult = {
  ok: false,
  code: 'not_subscribed',
  message: 'not subscribed to a master',
};

function newClient(origin: Origin, timeoutMs: number): Client {
  // A stream may be silent between heartbeats; the connection itself watches those.
  return new Client(origin, { headersTimeout: timeoutMs, bodyTimeout: 0, connect: { timeout: timeoutMs } });
}
