/** `GET /events`: a server-sent `change` event whenever something visible changed; what changed is read by GET. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '@cotton/api';
import type { ClusterService } from '../cluster-service.ts';
import { SECURITY_HEADERS } from './headers.ts';

const STREAMS_MAX = 500;
/** Keeps proxies from closing a quiet stream, and finds clients that are gone. */
const HEARTBEAT_MS = 15_000;
const CHANGE = 'event: change\ndata: {}\n\n';

export function registerEvents(app: FastifyInstance, service: ClusterService): void {
  const streams = new Set<ServerResponse>();
  const tell = (text: string) => {
    for (const stream of streams) {
      // Who does not read gets no backlog: the next event says the same.
      if (!stream.writableNeedDrain) stream.write(text);
    }
  };
  const unsubscribe = service.onChange(() => (service.leading() ? tell(CHANGE) : endAll(streams)));
  const heartbeat = setInterval(() => tell(': still here\n\n'), HEARTBEAT_MS);
  heartbeat.unref();
  app.addHook('preClose', async () => {
    unsubscribe();
    clearInterval(heartbeat);
    endAll(streams);
  });
  app.get('/events', {
    exposeHeadRoute: false,
    config: { access: 'view', leaderOnly: true },
    schema: { summary: 'Server-sent events: `change` when something visible changed' },
    handler: (_request, reply) => {
      if (streams.size >= STREAMS_MAX)
        throw new ApiError('not_connected', `${STREAMS_MAX} event streams are open already.`);
      const { raw } = reply.hijack();
      raw.writeHead(200, {
        ...SECURITY_HEADERS,
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
      });
      raw.write(CHANGE);
      streams.add(raw);
      raw.once('close', () => streams.delete(raw));
    },
  });
}

/** A client connects again, and finds the leader. */
function endAll(streams: ReadonlySet<ServerResponse>): void {
  for (const stream of streams) stream.end();
}
