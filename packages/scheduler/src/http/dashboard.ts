/** `GET /` and the dashboard's files; a plain page where it was not built. They hold no data, so they are open. */
import type { FastifyInstance } from 'fastify';
import type { DashboardFiles } from './options.ts';

const PLAIN_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Cotton</title>
<h1>Cotton</h1>
<p>This scheduler was built without its dashboard. <a href="/clusters">Clusters</a> as JSON;
<a href="/reference">the HTTP API</a>.</p></html>`;

export function registerDashboard(app: FastifyInstance, files: DashboardFiles | undefined): void {
  const shown = files ?? new Map([['/', { type: 'text/html; charset=utf-8', body: PLAIN_PAGE }]]);
  for (const [url, { type, body }] of shown) {
    app.get(url, {
      config: { access: 'open', leaderOnly: url === '/' },
      schema: { hide: true },
      handler: (_request, reply) => reply.type(type).header('cache-control', 'no-cache').send(body),
    });
  }
}
