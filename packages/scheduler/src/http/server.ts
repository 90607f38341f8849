/** The scheduler's HTTP server. All it knows about clusters comes from ClusterService. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify';
import type { ClusterService } from '../cluster-service.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import { checkAccess } from './access.ts';
import { registerBodies } from './bodies.ts';
import { registerClusterRoutes } from './cluster-routes.ts';
import { registerDashboard } from './dashboard.ts';
import { registerEvents } from './events.ts';
import { refuseForeignHost, refuseForeignOrigin, sendToLeader } from './guards.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { collectMethods } from './methods.ts';
import { registerOpenApi, registerReference } from './openapi.ts';
import { registerOperatorRoutes } from './operator-routes.ts';
import type { HttpOptions } from './options.ts';
import { BODY_MAX_BYTES, refuseExpectedOversized, refuseOversized } from './oversized.ts';
import { answerProblem, registerProblems } from './problems.ts';
import { registerTransitionRoutes } from './transition-routes.ts';

export type { DashboardFiles, HttpOptions } from './options.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
/** For answers under way when the server closes. */
const FAREWELL_MS = 2_000;
/** Longer addresses than any name needs still get an answer about the name; Node ends headers at 16 KB. */
const PARAMETER_MAX_LENGTH = 16_384;

/** Builds the server; the caller listens and closes. */
export async function buildServer(service: ClusterService, options: HttpOptions): Promise<FastifyInstance> {
  const app = createApp(options);
  const metrics = createMetrics(service);
  registerProblems(app);
  registerBodies(app);
  addHooks(app, service, options, metrics);
  app.addHook('onClose', async () => metrics.close());
  await registerOpenApi(app);
  const refuseOtherMethods = collectMethods(app);
  registerClusterRoutes(app, service, options);
  registerTransitionRoutes(app, service);
  registerOperatorRoutes(app, service, metrics);
  registerEvents(app, service);
  registerReference(app);
  registerDashboard(app, options.dashboard);
  refuseOtherMethods();
  refuseExpectedOversized(app.server);
  return app;
}

function createApp({ log, tls }: HttpOptions): FastifyInstance {
  const app = fastify({
    ...(log ? { loggerInstance: log } : { logger: false }),
    ...(tls && { https: tls }),
    // Fastify's own lines hold addresses with their query strings; ours is in onResponse.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: PARAMETER_MAX_LENGTH },
    frameworkErrors: (error, request, reply) => void answerProblem(error, request as FastifyRequest, reply),
  });
  // The readers of @cotton/api judge what comes in, and answers are built by us: schemas only document.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  endConnectionsAtClose(app);
  return app as unknown as FastifyInstance<Server> & { log: FastifyBaseLogger };
}

/** A connection that has sent no whole request is not idle, and nothing times it out once the server closes. */
function endConnectionsAtClose(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', async () => {
    setTimeout(() => open.forEach((socket) => socket.destroy()), FAREWELL_MS).unref();
  });
}

/** In this order: who is meant, where from, how much, who else should answer, who asks. Only then is a body read. */
function addHooks(
  app: FastifyInstance,
  service: ClusterService,
  options: HttpOptions,
  metrics: Metrics,
): void {
  app.decorateRequest('sender', undefined);
  app.addHook('onRoute', ({ url, config }) => {
    if (!config?.access) throw new Error(`the route ${url} does not say who may use it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    refuseForeignHost(request, options);
    refuseForeignOrigin(request);
    refuseOversized(request);
    if (request.routeOptions.config.leaderOnly) {
      const sent = sendToLeader(service, request, reply);
      if (sent) return sent;
    }
    checkAccess(request, service, options);
    return undefined;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    metrics.countRequest(method, route, reply.statusCode, reply.elapsedTime / 1000);
    const fields = { method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    request.log.debug(fields, 'request');
  });
}
