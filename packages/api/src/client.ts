/** A typed client for the scheduler's HTTP API, for Node and browsers alike. */
import { type Followed, followEvents } from './event-stream.ts';
import type {
  CreateClusterRequest,
  FailoverRequest,
  PatchClusterRequest,
  SwitchoverRequest,
} from './request-schemas.ts';
import type {
  ClusterDetail,
  ClusterList,
  CreateClusterResponse,
  DeleteClusterResponse,
  PatchClusterPlan,
  SwitchoverPlan,
  TransitionStarted,
} from './schemas.ts';
import { Transport, type TransportOptions } from './transport.ts';

export type ApiClientOptions = TransportOptions;

export interface CallOptions {
  signal?: AbortSignal;
}

/**
 * Talks to whichever scheduler leads. Every method throws ApiError: an API code with the scheduler's detail,
 * or `unreachable` when no scheduler answered within the bound.
 */
export class ApiClient {
  readonly #transport: Transport;

  constructor(options: ApiClientOptions) {
    this.#transport = new Transport(options);
  }

  list(options: CallOptions = {}): Promise<ClusterList> {
    return this.#transport.call({ method: 'GET', path: '/clusters', ...options });
  }

  get(name: string, options: CallOptions = {}): Promise<ClusterDetail> {
    return this.#transport.call({ method: 'GET', path: clusterPath(name), ...options });
  }

  /** Repeats of one creation must carry the same `idempotencyKey`; without one, a fresh key is made for the call. */
  create(
    name: string,
    request: CreateClusterRequest,
    options: CallOptions & { idempotencyKey?: string } = {},
  ): Promise<CreateClusterResponse> {
    const { idempotencyKey = newIdempotencyKey(), signal } = options;
    return this.#transport.call({
      method: 'POST',
      path: clusterPath(name),
      body: request,
      idempotencyKey,
      signal,
    });
  }

  patch(name: string, request: PatchClusterRequest, options: CallOptions = {}): Promise<ClusterDetail> {
    return this.#transport.call({ method: 'PATCH', path: clusterPath(name), body: request, ...options });
  }

  /** What `patch` would do; nothing is changed. */
  plan(name: string, request: PatchClusterRequest, options: CallOptions = {}): Promise<PatchClusterPlan> {
    const path = `${clusterPath(name)}?dry_run=true`;
    return this.#transport.call({ method: 'PATCH', path, body: request, ...options });
  }

  /** Begins a switchover; how it goes is in `in_progress` and `transitions` of `get`, under the answered id. */
  switchover(
    name: string,
    request: SwitchoverRequest,
    options: CallOptions = {},
  ): Promise<TransitionStarted> {
    return this.#transport.call({
      method: 'POST',
      path: clusterPath(name, 'switchover'),
      body: request,
      ...options,
    });
  }

  /** Whether a switchover could begin now, and with whom; nothing is changed. */
  planSwitchover(
    name: string,
    request: SwitchoverRequest,
    options: CallOptions = {},
  ): Promise<SwitchoverPlan> {
    const path = `${clusterPath(name, 'switchover')}?dry_run=true`;
    return this.#transport.call({ method: 'POST', path, body: request, ...options });
  }

  /** Deposes the primary and elects, or lets an election that waits go on with `force`. */
  failover(name: string, request: FailoverRequest, options: CallOptions = {}): Promise<TransitionStarted> {
    return this.#transport.call({
      method: 'POST',
      path: clusterPath(name, 'failover'),
      body: request,
      ...options,
    });
  }

  /** No automatic failover from now on, or again. */
  hold(name: string, on: boolean, options: CallOptions = {}): Promise<ClusterDetail> {
    return this.#transport.call({
      method: on ? 'PUT' : 'DELETE',
      path: clusterPath(name, 'hold'),
      ...options,
    });
  }

  /** What happens to one cluster, or to all: after the event with the id `after`, else from now on; until `signal`. */
  events(name: string | undefined, options: CallOptions & { after?: string } = {}): AsyncGenerator<Followed> {
    const path = name === undefined ? '/events' : clusterPath(name, 'events');
    return followEvents(this.#transport, path, options);
  }

  /** Starts the deletion; it is over when `get` throws `cluster_not_found`. */
  delete(name: string, password: string, options: CallOptions = {}): Promise<DeleteClusterResponse> {
    return this.#transport.call({
      method: 'DELETE',
      path: clusterPath(name),
      body: { password },
      ...options,
    });
  }
}

/** 128 random bits. `crypto.randomUUID` would be shorter, but browsers have it over HTTPS only. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function clusterPath(name: string, ...rest: string[]): string {
  return ['/clusters', encodeURIComponent(name), ...rest].join('/');
}
