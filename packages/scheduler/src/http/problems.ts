/** Every error answer is problem+json with a code from @cotton/api. */
import { ApiError, PROBLEM_CONTENT_TYPE, toProblem } from '@cotton/api';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../cluster-service.ts';
import { answerAndLinger } from './oversized.ts';

const RETRY_AFTER_S = 2;

export function registerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answerProblem(error, request, reply));
  app.setNotFoundHandler((request) => {
    throw new ApiError('route_not_found', `There is nothing at ${pathOf(request)}.`);
  });
}

export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const problem = toProblem(toApiError(error, request));
  if (problem.status >= 500 && problem.code === 'internal_error')
    request.log.error({ err: error }, 'request failed');
  if (problem.status === 503) void reply.header('retry-after', RETRY_AFTER_S);
  if (problem.status === 401)
    void reply.header('www-authenticate', ['Bearer realm="cotton"', 'Basic realm="cotton", charset="UTF-8"']);
  void reply.code(problem.status).type(PROBLEM_CONTENT_TYPE).header('cache-control', 'no-store');
  const body = JSON.stringify(problem);
  return problem.code === 'body_too_large' ? answerAndLinger(request, reply, body) : reply.send(body);
}

/** What the engine refused, as the API says it. */
export function refusalError(refusal: Refusal, name: string, detail = ''): ApiError {
  switch (refusal) {
    case 'not_leading':
      return new ApiError('no_leader', 'This scheduler does not lead.');
    case 'not_ready':
      return new ApiError('not_connected', 'The scheduler is not connected to Mesos yet.');
    case 'cluster_exists':
      return new ApiError('cluster_exists', `A cluster '${name}' exists.`);
    case 'cluster_not_found':
      return new ApiError('cluster_not_found', `There is no cluster '${name}'.`);
    case 'cluster_deleting':
      return new ApiError('cluster_deleting', `The cluster '${name}' is being deleted.`);
    case 'wrong_password':
      return new ApiError('wrong_password', `The password is not that of the cluster '${name}'.`);
    case 'member_not_found':
    case 'switchover_refused':
    case 'failover_refused':
      return new ApiError(refusal, detail);
    case 'epoch_passed':
      return new ApiError('conflict', detail);
  }
}

function toApiError(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  switch (codeOf(error)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError('body_too_large', 'The body is larger than 64 KiB.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError('unsupported_media_type', 'The body has no content type that is read here.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ApiError('malformed_body', 'The body is not as long as Content-Length says.');
    case 'FST_ERR_BAD_URL':
      return new ApiError('route_not_found', 'The address is not valid percent-encoding.');
    // Someone else wrote first; nothing was changed.
    case 'conflict':
      return new ApiError('conflict', 'The cluster was changed by someone else meanwhile.', { cause: error });
    case 'deposed':
      return new ApiError('no_leader', 'This scheduler does not lead any more.', { cause: error });
    // The state's storage did not answer in time: whether the change was kept is unknown.
    case 'connection_loss':
    case 'session_lost':
    case 'deadline':
    case 'overloaded':
    case 'unavailable':
    case 'io':
      return new ApiError('state_unavailable', 'The state storage does not answer.', { cause: error });
    default:
      return new ApiError('internal_error', `The scheduler failed; request id ${request.id}.`, {
        cause: error,
      });
  }
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]?.slice(0, 200) ?? '';
}
