/** For those who run the scheduler: metrics and health. Answered by standbys too, about themselves. */
import type { FastifyInstance } from 'fastify';
import type { ClusterService } from '../cluster-service.ts';
import type { Metrics } from '../metrics.ts';
import { varsOf } from '../vars.ts';

export function registerOperatorRoutes(
  app: FastifyInstance,
  service: ClusterService,
  metrics: Metrics,
): void {
  app.get('/vars.json', {
    config: { access: 'view' },
    schema: { summary: "The original's metrics" },
    handler: () => varsOf(service, process.uptime() * 1000),
  });
  app.get('/metrics', {
    config: { access: 'view' },
    schema: { summary: 'Metrics for Prometheus' },
    handler: async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  });
  app.get('/healthz', {
    config: { access: 'open' },
    schema: { summary: '200 while the process works, also as a standby' },
    handler: () => ({ status: 'ok' }),
  });
  app.get('/readyz', {
    config: { access: 'open' },
    schema: { summary: '200 when requests can be served: connected as the leader, or able to name it' },
    handler: (_request, reply) => {
      const leading = service.leading();
      const ready = leading ? service.ready() : service.leaderUrl() !== undefined;
      return reply.code(ready ? 200 : 503).send({ ready, leading, status: service.status() });
    },
  });
}
