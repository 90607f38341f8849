/** `/clusters/<name>/switchover`, `…/failover` and `…/hold`: changes of the primary, and that there be none unasked. */
import {
  ApiError,
  ClusterDetail,
  FailoverRequest,
  parseFailoverRequest,
  parseSwitchoverRequest,
  type SwitchoverPlan,
  SwitchoverRequest,
  TransitionStarted,
} from '@cotton/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ClusterService, Started } from '../cluster-service.ts';
import { inProgressView } from '../transition-view.ts';
import { clusterDetail } from './answers.ts';
import { describe, DRY_RUN_PARAMETER, NAME_PARAMETER } from './openapi.ts';
import { accepted, bodyOf, checkName, checkQuery, nameOf, readDryRun } from './request-parts.ts';

const CONFIG = { access: 'change_cluster', leaderOnly: true } as const;

export function registerTransitionRoutes(app: FastifyInstance, service: ClusterService): void {
  app.post('/clusters/:name/switchover', {
    config: CONFIG,
    schema: describe('Hand the role of the primary over', {
      answer: TransitionStarted,
      status: 202,
      params: NAME_PARAMETER,
      query: DRY_RUN_PARAMETER,
      body: SwitchoverRequest,
    }),
    onRequest: [checkName, checkQuery(['dry_run'])],
    handler: (request, reply) => switchOver(request, reply, service),
  });
  app.post('/clusters/:name/failover', {
    config: CONFIG,
    schema: describe('Depose the primary and elect another', {
      answer: TransitionStarted,
      status: 202,
      params: NAME_PARAMETER,
      body: FailoverRequest,
    }),
    onRequest: [checkName, checkQuery([])],
    handler: (request, reply) => failOver(request, reply, service),
  });
  for (const method of ['PUT', 'DELETE'] as const)
    app.route({
      method,
      url: '/clusters/:name/hold',
      config: CONFIG,
      schema: describe(method === 'PUT' ? 'No automatic failover' : 'Automatic failover again', {
        answer: ClusterDetail,
        params: NAME_PARAMETER,
      }),
      onRequest: [checkName, checkQuery([])],
      handler: async (request) => {
        const name = nameOf(request);
        return clusterDetail(accepted(await service.setHold(name, method === 'PUT'), name), service);
      },
    });
}

async function switchOver(
  request: FastifyRequest,
  reply: FastifyReply,
  service: ClusterService,
): Promise<SwitchoverPlan | TransitionStarted> {
  const name = nameOf(request);
  const isDryRun = readDryRun(request);
  const input = parseSwitchoverRequest(bodyOf(request));
  if (isDryRun) return { dry_run: true, ...accepted(await service.planSwitchover(name, input), name) };
  return begun(accepted(await service.switchOver(name, input), name), request, reply);
}

async function failOver(
  request: FastifyRequest,
  reply: FastifyReply,
  service: ClusterService,
): Promise<TransitionStarted> {
  const name = nameOf(request);
  const { password, ...input } = parseFailoverRequest(bodyOf(request));
  if (input.force) checkForce(request, password, service);
  return begun(accepted(await service.failOver(name, input), name), request, reply);
}

/**
 * Acknowledged writes may be lost: where nobody has to say who he is, at least the cluster's password is wanted. With
 * access control on, an administrator or the owner has shown it already.
 */
function checkForce(request: FastifyRequest, password: string, service: ClusterService): void {
  const name = nameOf(request);
  if (request.sender || !service.find(name) || service.passwordMatches(name, password)) return;
  throw new ApiError('wrong_password', 'force: the password is not that of the cluster.');
}

/** Nothing more is known than that it began, and under which id it can be followed. */
function begun({ id, entry }: Started, request: FastifyRequest, reply: FastifyReply): TransitionStarted {
  const { record } = entry;
  const running = inProgressView(record);
  const { from = null, to = null } = running?.id === id ? running : {};
  request.log.info({ cluster: record.name, transition: id }, 'change of the primary asked for');
  void reply.code(202);
  return { transition: id, name: record.name, uid: record.uid, epoch: record.epoch, from, to };
}
