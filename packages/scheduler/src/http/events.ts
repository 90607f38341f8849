/**
 * Server-sent events. `GET /events`: `change` whenever something visible changed (what changed is read by GET), and
 * `cluster` for what happened, with an id to go on after. `GET /clusters/<name>/events`: the latter, of one cluster.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, type ClusterEvent } from '@cotton/api';
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

/** Of the cluster with this uid; undefined: of all clusters, with `change`. */
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
      open(streams, record.uid, request, reply, service);
    },
  });
}

function open(
  streams: Streams,
  uid: string | undefined,
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
  raw.write((uid === undefined ? CHANGE : ': follows\n\n') + missed(uid, request, service));
  streams.set(raw, uid);
  const { socket } = request.raw;
  const forget = (): void => {
    streams.delete(raw);
    socket.off('close', forget);
  };
  raw.once('close', forget);
  raw.on('error', forget);
  // One that waits behind another answer on its connection is not told that this is closed.
  socket.once('close', forget);
}

/** What a client that comes back has not seen. */
function missed(uid: string | undefined, { headers }: FastifyRequest, service: ClusterService): string {
  const last = headers['last-event-id'];
  if (typeof last !== 'string' || last === '') return '';
  const events = service.events.after(last);
  if (!events) return GAP;
  return events
    .filter((event) => isOf(uid, event))
    .map(textOf)
    .join('');
}

function tellChange(streams: Streams): void {
  for (const [stream, uid] of streams)
    // Who does not read gets no backlog: the next change says the same.
    if (uid === undefined && !stream.writableNeedDrain) stream.write(CHANGE);
}

/** Who does not read is cut off: coming back, it gets what it missed. */
function tellEvent(streams: Streams, event: ClusterEvent): void {
  const text = textOf(event);
  for (const [stream, uid] of streams) {
    if (!isOf(uid, event)) continue;
    if (stream.writableNeedDrain) stream.destroy();
    else stream.write(text);
    // The next cluster of that name is somebody else's.
    if (uid !== undefined && event.kind === 'deleted') end(streams, stream);
  }
}

function tellAll(streams: Streams, text: string): void {
  for (const stream of streams.keys()) if (!stream.writableNeedDrain) stream.write(text);
}

function isOf(uid: string | undefined, event: ClusterEvent): boolean {
  return uid === undefined || uid === event.uid;
}

function textOf(event: ClusterEvent): string {
  return `event: cluster\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A client connects again, and finds the leader. */
function endAll(streams: Streams): void {
  for (const stream of streams.keys()) end(streams, stream);
}

/** Forgotten at once: it may take long to close, and nothing may be written to it any more. */
function end(streams: Streams, stream: ServerResponse): void {
  streams.delete(stream);
  stream.end();
}
