/** `GET /openapi.json`, made from the routes' own schemas, and a page that shows it. */
import { PROBLEM_CONTENT_TYPE, ProblemSchema, ClusterName, IDEMPOTENCY_HEADER } from '@cotton/api';
import swagger from '@fastify/swagger';
import { Type, type TSchema } from '@sinclair/typebox';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { referencePage } from './reference-page.ts';

export const NAME_PARAMETER = Type.Object({ name: ClusterName });
export const DRY_RUN_PARAMETER = Type.Object({
  dry_run: Type.Optional(Type.Boolean({ description: 'Only show what would be done.' })),
});
export const IDEMPOTENCY_PARAMETER = Type.Object({
  [IDEMPOTENCY_HEADER]: Type.Optional(
    Type.String({ maxLength: 128, description: 'The same for each repetition of one request.' }),
  ),
});

const FORM = 'application/x-www-form-urlencoded';

interface Description {
  answer?: TSchema;
  /** Of that answer; 200 unless said. */
  status?: 200 | 202;
  params?: TSchema;
  query?: TSchema;
  headers?: TSchema;
  body?: TSchema;
}

/** A route's schema. It documents only: what is accepted is judged by the readers of @cotton/api. */
export function describe(
  summary: string,
  { answer, status = 200, params, query, headers, body }: Description,
): FastifySchema {
  return {
    summary,
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(headers && { headers }),
    ...(body && { body, consumes: ['application/json', FORM, 'multipart/form-data'] }),
    response: {
      ...(answer && { [status]: { description: summary, ...answer } }),
      default: {
        description: 'What went wrong',
        content: { [PROBLEM_CONTENT_TYPE]: { schema: ProblemSchema } },
      },
    },
  };
}

export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Cotton',
        version: '1',
        description: 'MySQL clusters as a self-service on Apache Mesos.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          basic: { type: 'http', scheme: 'basic' },
        },
      },
      security: [{}, { token: [] }, { basic: [] }],
    },
  });
}

export function registerReference(app: FastifyInstance): void {
  app.get('/openapi.json', {
    config: { access: 'open' },
    schema: { hide: true },
    handler: () => app.swagger(),
  });
  app.get('/reference', {
    config: { access: 'open' },
    schema: { hide: true },
    handler: (_request, reply) => reply.type('text/html; charset=utf-8').send(referencePage(app.swagger())),
  });
}
