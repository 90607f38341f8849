/** `/clusters` and `/clusters/<name>`. */
import {
  ApiError,
  ClusterDetail,
  ClusterList,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  IDEMPOTENCY_HEADER,
  isIdempotencyKey,
  parseCreateRequest,
  parseDeleteRequest,
  parsePatchRequest,
  type PatchClusterPlan,
  PatchClusterRequest,
} from '@cotton/api';
import { clusterNameProblem } from '@cotton/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ClusterEntry, ClusterService, CreateInput } from '../cluster-service.ts';
import { deletionRight } from './access.ts';
import { clusterDetail, clusterList } from './answers.ts';
import type { HttpOptions } from './options.ts';
import { planChange } from './plan.ts';
import { refusalError } from './problems.ts';
import {
  accepted,
  bodyOf,
  checkName,
  checkQuery,
  findCluster,
  findLiving,
  nameOf,
  readDryRun,
} from './request-parts.ts';
import { describe, DRY_RUN_PARAMETER, IDEMPOTENCY_PARAMETER, NAME_PARAMETER } from './openapi.ts';

const LEADER = { leaderOnly: true } as const;

export function registerClusterRoutes(
  app: FastifyInstance,
  service: ClusterService,
  options: HttpOptions,
): void {
  app.get('/clusters', {
    config: { access: 'view', ...LEADER },
    schema: describe('List clusters', { answer: ClusterList }),
    handler: () => clusterList(service, options),
  });
  app.get('/clusters/:name', {
    config: { access: 'view_cluster', ...LEADER },
    schema: describe('One cluster', { answer: ClusterDetail, params: NAME_PARAMETER }),
    onRequest: checkName,
    handler: (request) => clusterDetail(findCluster(nameOf(request), service), service),
  });
  app.post('/clusters/:name', {
    config: { access: 'create', ...LEADER },
    schema: describe('Create a cluster', {
      answer: CreateClusterResponse,
      params: NAME_PARAMETER,
      headers: IDEMPOTENCY_PARAMETER,
      body: CreateClusterRequest,
    }),
    onRequest: [checkNewName, checkQuery([])],
    handler: (request) => create(request, service),
  });
  app.patch('/clusters/:name', {
    config: { access: 'change_cluster', ...LEADER },
    schema: describe('Grow or shrink a cluster, change its durability or preferences', {
      answer: ClusterDetail,
      params: NAME_PARAMETER,
      query: DRY_RUN_PARAMETER,
      body: PatchClusterRequest,
    }),
    onRequest: [checkName, checkQuery(['dry_run'])],
    handler: (request) => patch(request, service),
  });
  app.delete('/clusters/:name', {
    config: { access: 'delete_cluster', ...LEADER },
    schema: describe('Delete a cluster', {
      answer: DeleteClusterResponse,
      params: NAME_PARAMETER,
      body: DeleteClusterRequest,
    }),
    onRequest: [checkName, checkQuery([])],
    handler: (request) => remove(request, service),
  });
}

async function create(request: FastifyRequest, service: ClusterService): Promise<CreateClusterResponse> {
  const name = nameOf(request);
  const idempotencyKey = readIdempotencyKey(request);
  const { numNodes: nodes, backupId, ...asked } = parseCreateRequest(bodyOf(request));
  if (backupId !== undefined)
    throw new ApiError('backup_store_not_configured', 'backup_id: this scheduler has no backup store.');
  const input = { name, nodes, ...asked, idempotencyKey };
  const { entry, password: clusterPassword } = accepted(await service.create(input), name);
  if (!isRepetition(input, entry, clusterPassword))
    throw new ApiError('idempotency_key_reused', `'${name}' was created with this key by another request.`);
  request.log.info({ cluster: entry.record.name, uid: entry.record.uid, nodes }, 'cluster asked for');
  return {
    cluster_url: service.clusterUrl(entry.record.name),
    cluster_password: clusterPassword,
    uid: entry.record.uid,
    name: entry.record.name,
    warnings: entry.oversized === null ? [] : [entry.oversized],
  };
}

/**
 * What came back is what was asked for, now or the first time. The number of nodes says nothing: it may have
 * been changed since.
 */
function isRepetition(input: CreateInput, { record }: ClusterEntry, password: string): boolean {
  const { user, size } = record.spec;
  const sameSize = (['cpus', 'memMb', 'diskMb'] as const).every((key) => size[key] === input.size[key]);
  return sameSize && user === input.user && (input.password === undefined || input.password === password);
}

async function patch(
  request: FastifyRequest,
  service: ClusterService,
): Promise<ClusterDetail | PatchClusterPlan> {
  const name = nameOf(request);
  const isDryRun = readDryRun(request);
  const { numNodes: nodes, ...asked } = parsePatchRequest(bodyOf(request));
  const input = { ...(nodes !== undefined && { nodes }), ...asked };
  if (isDryRun) return planChange(findLiving(name, service).record, input);
  return clusterDetail(accepted(await service.change(name, input), name), service);
}

async function remove(request: FastifyRequest, service: ClusterService): Promise<DeleteClusterResponse> {
  const name = nameOf(request);
  const { password: bodyPassword } = parseDeleteRequest(bodyOf(request));
  const found = service.find(name);
  const right = deletionRight(request.sender, bodyPassword, found?.record.spec.user);
  // With access control on, a stranger's guess must not tell which clusters exist.
  if (!found && right !== 'admin' && request.sender && request.sender.kind !== 'listed')
    throw refusalError('wrong_password', name);
  const outcome =
    right === 'admin' ? service.deleteWithoutPassword(name) : service.delete(name, right.password);
  const entry = accepted(await outcome, name);
  request.log.info({ cluster: entry.record.name, uid: entry.record.uid }, 'cluster deletion asked for');
  return { cluster_url: service.clusterUrl(entry.record.name) };
}

async function checkNewName(request: FastifyRequest): Promise<void> {
  await checkName(request);
  if (clusterNameProblem(nameOf(request)) === 'reserved')
    throw new ApiError('reserved_cluster_name', `The name '${nameOf(request)}' is reserved.`);
}

function readIdempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers[IDEMPOTENCY_HEADER];
  if (key === undefined || isIdempotencyKey(key)) return key;
  throw new ApiError(
    'invalid_idempotency_key',
    'Idempotency-Key: must be 1 to 128 printable ASCII characters',
  );
}
