/** 405 with Allow for a known address, instead of a misleading 404. */
import { ApiError } from '@cotton/api';
import type { FastifyInstance, HTTPMethods } from 'fastify';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/** Call before routes are added, and the returned function after: it refuses whatever they left open. */
export function collectMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = taken.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    taken.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...taken]) refuseOthers(app, url, [...methods].sort());
  };
}

function refuseOthers(app: FastifyInstance, url: string, allowed: string[]): void {
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url,
    exposeHeadRoute: false,
    config: { access: 'open' },
    schema: { hide: true },
    // In a hook, because the body of a request that is refused anyway need not be read.
    onRequest: async (request, reply) => {
      void reply.header('allow', allowed.join(', '));
      throw new ApiError('method_not_allowed', `${request.method} is not among ${allowed.join(', ')}.`);
    },
    handler: () => undefined,
  });
}
