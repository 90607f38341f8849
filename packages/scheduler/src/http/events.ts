/**
 * Server-sent events. `GET /events`: `change` whenever something visible changed (what changed is read by GET), and
 * `cluster` for what happened, with an id to go on after. `GET /clusters/<name>/events`: the latter, of one cluster.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, type ClusterEvent } from '@cotton/api';
import { sameClusterName } from '@cotton/core';
import type { ClusterService } from '../cluster-service.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { NAME_PARAMETER } from './openapi.ts';
import { checkName, findCluster, nameOf } from './request-parts.ts';

const STREAMS_MAX = 500;
/** Keeps proxies from closing a quiet stream, and finds clients that are gone. */
const HEARTBEAT_MS = 15_000;
const CHANGE = 'event: change\ndata: {}\n\n';
/** Events may be missing from here on back: the cluster's own `transitions` tell what elections there were. */
const GAP = 'event: gap\ndata: {}\n\n';

/** undefined: of all clusters, with `change`. */
type Streams = Map<ServerResponse, string | undefined>;

export function registerEvents(app: FastifyInstance, service: ClusterService): void {
  const streams: Streams = new Map();
  const stops = [
    service.onChange(() => (service.leading() ? tellChange(streams) : endAll(streams))),
    service.events.subscribe((event) => tellEvent(streams, event)),
  ];
  const heartbeat = setInterval(() => tellAll(streams, ': still here\n\n'), HEARTBEAT_MS);
  heartbeat.unref();
  app.addHook('preClose', async () => {
    for (const stop of stops) stop();
    clearInterval(heartbeat);
    endAll(streams);
  });
  app.get('/events', {
    exposeHeadRoute: false,
    config: { access: 'view', leaderOnly: true },
    schema: {
      summary: 'Server-sent events: `change` when something visible changed, `cluster` what happened',
    },
    handler: (request, reply) => open(streams, undefined, request, reply, service),
  });
  app.get('/clusters/:name/events', {
    exposeHeadRoute: false,
    config: { access: 'view_cluster', leaderOnly: true },
    schema: {
      summary: 'Server-sent events: `cluster`, what happened to one cluster',
      params: NAME_PARAMETER,
    },
    onRequest: checkName,
    handler: (request, reply) => {
      const { record } = findCluster(nameOf(request), service);
      open(streams, record.name, request, reply, service);
    },
  });
}

function open(
  streams: Streams,
  cluster: string | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  service: ClusterService,
): void {
  if (streams.size >= STREAMS_MAX)
    throw new ApiError('too_many_streams', `${STREAMS_MAX} event streams are open already.`);
  const { raw } = reply.hijack();
  raw.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  raw.write((cluster === undefined ? CHANGE : ': follows\n\n') + missed(cluster, request, service));
  streams.set(raw, cluster);
  raw.once('close', () => streams.delete(raw));
}

/** What a client that comes back has not seen. */
function missed(cluster: string | undefined, { headers }: FastifyRequest, service: ClusterService): string {
  const last = headers['last-event-id'];
  if (typeof last !== 'string' || last === '') return '';
  const events = service.events.after(last);
  if (!events) return GAP;
  return events
    .filter((event) => isOf(cluster, event))
    .map(textOf)
    .join('');
}

function tellChange(streams: Streams): void {
  for (const [stream, cluster] of streams)
    // Who does not read gets no backlog: the next change says the same.
    if (cluster === undefined && !stream.writableNeedDrain) stream.write(CHANGE);
}

/** Who does not read is cut off: coming back, it gets what it missed. */
function tellEvent(streams: Streams, event: ClusterEvent): void {
  const text = textOf(event);
  for (const [stream, cluster] of streams) {
    if (!isOf(cluster, event)) continue;
    if (stream.writableNeedDrain) stream.destroy();
    else stream.write(text);
  }
}

function tellAll(streams: Streams, text: string): void {
  for (const stream of streams.keys()) if (!stream.writableNeedDrain) stream.write(text);
}

function isOf(cluster: string | undefined, event: ClusterEvent): boolean {
  return cluster === undefined || sameClusterName(cluster, event.cluster);
}

function textOf(event: ClusterEvent): string {
  return `event: cluster\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A client connects again, and finds the leader. */
function endAll(streams: Streams): void {
  for (const stream of streams.keys()) stream.end();
}
