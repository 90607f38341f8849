/** Who is asked, and from where: standbys send on to the leader, browsers may not be made to act for strangers. */
import { isIP } from 'node:net';
import { ApiError } from '@cotton/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClusterService } from '../cluster-service.ts';
import type { HttpOptions } from './options.ts';

const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** 307 keeps method and body. Returns the reply when it answered. @throws ApiError no_leader */
export function sendToLeader(
  service: ClusterService,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  if (service.leading()) return undefined;
  const leader = service.leaderUrl();
  // Just elected and not yet serving, it would name itself: the client would turn in circles.
  if (leader === undefined || hostOf(leader) === request.headers.host)
    throw new ApiError('no_leader', 'No scheduler leads at the moment.');
  // The body stays unread, so the connection cannot serve another request.
  const close =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (close) void reply.header('connection', 'close');
  return reply.header('cache-control', 'no-store').redirect(leader + request.url, 307);
}

/** A page of another site must not change anything with its visitor's credentials or place in the network. */
export function refuseForeignOrigin(request: FastifyRequest): void {
  if (!CHANGING.has(request.method)) return;
  const { origin, host } = request.headers;
  const isForeign = origin !== undefined && hostOf(origin) !== host;
  if (isForeign || request.headers['sec-fetch-site'] === 'cross-site')
    throw new ApiError('forbidden', 'The request comes from a page of another site.');
}

/**
 * Against DNS rebinding: a page whose own name was made to point at 127.0.0.1 would count as the same origin.
 * Where loopback is the only protection, only names that nobody else can own are served.
 */
export function refuseForeignHost(request: FastifyRequest, options: HttpOptions): void {
  if (!options.loopbackOnly || options.access) return;
  const name = (request.headers.host ?? 'localhost').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (name === 'localhost' || name === options.advertise || isIP(name) !== 0) return;
  throw new ApiError('forbidden', 'This host name is not served; start the scheduler with --advertise=HOST.');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
