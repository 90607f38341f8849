import fastify, { type FastifyInstance } from 'fastify';
import { ExecutorError } from './error.ts';
import type { InstanceState } from './instance-state.ts';
import type { Metrics } from './metrics.ts';

/** What the HTTP server shows of its executor. */
export interface Observed {
  state: InstanceState;
  /** Control says, for this very epoch, that this instance is the primary. */
  mayLead: () => boolean;
  /** Body of `GET /status`. */
  report: () => Promise<Record<string, unknown>>;
  metrics: Metrics;
}

export interface Listen {
  host: string;
  port: number;
}

/**
 * Health and status of one instance, for load balancers, Prometheus and people; docs/reference/http.md lists it.
 * @throws ExecutorError `port_taken`
 */
export async function startHttpServer(observed: Observed, { host, port }: Listen): Promise<FastifyInstance> {
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: 1024 });
  app.get('/status', () => observed.report());
  app.get('/healthz', (_request, reply) => answer(reply, problemOfHealth(observed.state)));
  app.get('/primary', (_request, reply) => answer(reply, problemOfPrimary(observed)));
  app.get<{ Querystring: { lag?: string } }>('/replica', (request, reply) => {
    const maxLagSeconds = parseLag(request.query.lag);
    if (maxLagSeconds === undefined)
      return reply.code(400).send({ status: 'lag must look like 10s or 500ms' });
    return answer(reply, problemOfReplica(observed.state, maxLagSeconds));
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(observed.metrics.contentType).send(await observed.metrics.render()),
  );
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new ExecutorError(
      'port_taken',
      `HTTP cannot listen on ${host}:${port} (${(cause as Error).message})`,
      cause,
    );
  }
  return app;
}

function answer(
  reply: { code(status: number): { send(body: unknown): unknown } },
  problem: string | undefined,
) {
  return reply.code(problem === undefined ? 200 : 503).send({ status: problem ?? 'ok' });
}

function problemOfHealth({ mysqld, problem }: InstanceState): string | undefined {
  if (mysqld !== 'serving') return `mysqld is ${mysqld}`;
  return problem === '' ? undefined : problem;
}

/** 200 only where writes may go: open, and for the epoch that control names now. */
function problemOfPrimary({ state, mayLead }: Observed): string | undefined {
  if (!state.open?.confirmed) return 'not the primary';
  return mayLead() ? undefined : 'no longer the primary';
}

function problemOfReplica(
  { attached, caughtUp, lagSeconds }: InstanceState,
  maxLagSeconds: number,
): string | undefined {
  if (!attached || !caughtUp) return 'not an attached replica';
  if (lagSeconds === null) return 'lag unknown';
  return lagSeconds <= maxLagSeconds ? undefined : `lag ${lagSeconds} s`;
}

/** `10s`, `500ms` or a bare number of seconds; none: any lag will do. */
export function parseLag(text: string | undefined): number | undefined {
  if (text === undefined) return Infinity;
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s)?$/.exec(text);
  if (!match) return undefined;
  return Number(match[1]) / (match[2] === 'ms' ? 1000 : 1);
}
