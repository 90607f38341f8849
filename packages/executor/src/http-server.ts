import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { describeError } from './error.ts';
import { type InstanceState, servesWrites } from './instance-state.ts';
import { listenError } from './listen-error.ts';
import type { Metrics } from './metrics.ts';

/** What the HTTP server shows of its executor. */
export interface Observed {
  state: InstanceState;
  /** Control says, for this very epoch, that this instance is the primary. */
  mayLead: () => boolean;
  /** Body of `GET /status`. */
  report: () => Promise<Record<string, unknown>>;
  /** What would hold a switchover up now, in words. */
  obstacles: () => Promise<string[]>;
  metrics: Metrics;
}

export interface Listen {
  host: string;
  port: number;
}

/** A web framework would cost some 7 MB of the task's memory for these six routes. */
type Route = (query: URLSearchParams) => Answer | Promise<Answer>;

interface Answer {
  status: number;
  body: string;
  type?: string;
}

/**
 * Health and status of one instance, for load balancers, Prometheus and people; docs/reference/http.md lists it.
 * @throws ExecutorError `port_taken`, `address_missing`
 */
export async function startHttpServer(observed: Observed, { host, port }: Listen): Promise<Server> {
  const routes = routesOf(observed);
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    void answerTo(routes, request.method, request.url ?? '/').then(
      ({ status, body, type = 'application/json' }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      },
    );
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw listenError('HTTP', host, port, cause);
  }
  return server;
}

function routesOf(observed: Observed): Record<string, Route> {
  const { state, metrics } = observed;
  return {
    '/status': async () => json(200, await observed.report()),
    '/healthz': () => verdict(problemOfHealth(state)),
    '/primary': () => verdict(problemOfPrimary(observed)),
    '/obstacles': async () =>
      servesWrites(state) ? json(200, { obstacles: await observed.obstacles() }) : verdict('not the primary'),
    '/replica': (query) => {
      const maxLagSeconds = parseLag(query.get('lag') ?? undefined);
      if (maxLagSeconds === undefined) return json(400, { status: 'lag must look like 10s or 500ms' });
      return verdict(problemOfReplica(state, maxLagSeconds));
    },
    '/metrics': async () => ({ status: 200, body: await metrics.render(), type: metrics.contentType }),
  };
}

async function answerTo(
  routes: Record<string, Route>,
  method: string | undefined,
  url: string,
): Promise<Answer> {
  const [path = '', query = ''] = url.split('?', 2);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route) return json(404, { status: `try ${Object.keys(routes).join(' ')}` });
  if (method !== 'GET' && method !== 'HEAD') return json(405, { status: 'only GET' });
  try {
    return await route(new URLSearchParams(query));
  } catch (error) {
    return json(500, { status: describeError(error) });
  }
}

function json(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body) };
}

function verdict(problem: string | undefined): Answer {
  return json(problem === undefined ? 200 : 503, { status: problem ?? 'ok' });
}

function problemOfHealth({ mysqld, problem }: InstanceState): string | undefined {
  if (mysqld !== 'serving') return `mysqld is ${mysqld}`;
  return problem === '' ? undefined : problem;
}

/** 200 only where writes may go: open, and for the epoch that control names now. */
function problemOfPrimary({ state, mayLead }: Observed): string | undefined {
  if (!servesWrites(state)) return 'not the primary';
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
