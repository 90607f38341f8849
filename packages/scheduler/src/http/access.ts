/** Who may do what. Each route declares its rule; a route without one does not start. */
import { ApiError } from '@cotton/api';
import type { FastifyRequest } from 'fastify';
import type { ClusterService } from '../cluster-service.ts';
import { senderOf, type Sender } from './access-list.ts';
import type { HttpOptions } from './options.ts';

/**
 * - open: everybody, always.
 * - view: any role.
 * - view_cluster: any role, and the cluster's owner.
 * - create: admin and creator.
 * - change_cluster: admin, and the cluster's owner.
 * - delete_cluster: like change_cluster; the owner may also have the password in the body, so the handler judges.
 */
export type AccessRule = 'open' | 'view' | 'view_cluster' | 'create' | 'change_cluster' | 'delete_cluster';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: AccessRule;
    /** Answered by the leader; a standby redirects. */
    leaderOnly?: boolean;
  }
  interface FastifyRequest {
    /** undefined: access control is off. */
    sender: Sender | undefined;
  }
}

/** @throws ApiError unauthorised or forbidden */
export function checkAccess(request: FastifyRequest, service: ClusterService, options: HttpOptions): void {
  const rule = request.routeOptions.config.access;
  if (!options.access || rule === undefined || rule === 'open') return;
  const sender = senderOf(options.access, request.headers.authorization);
  request.sender = sender;
  if (rule === 'delete_cluster' && sender.kind !== 'refused') return;
  switch (sender.kind) {
    case 'listed':
      return checkRole(rule, sender);
    case 'claim':
      return checkOwner(rule, sender, request, service, options);
    case 'refused':
      throw new ApiError('unauthorised', 'The token or password is not known here.');
    case 'anonymous':
      throw new ApiError('unauthorised', 'This scheduler wants to know who asks.');
  }
}

/** The password that a deletion is judged by, or 'admin' for those who need none. @throws ApiError */
export function deletionRight(
  sender: Sender | undefined,
  bodyPassword: string,
  clusterUser: string | undefined,
): 'admin' | { password: string } {
  if (sender?.kind === 'listed' && sender.role === 'admin') return 'admin';
  if (!sender || bodyPassword !== '') return { password: bodyPassword };
  if (sender.kind === 'claim') return { password: sender.user === clusterUser ? sender.password : '' };
  if (sender.kind === 'listed')
    throw new ApiError('forbidden', `${sender.name} may not delete clusters of others.`);
  throw new ApiError('unauthorised', "Send the cluster's password, or say who you are.");
}

function checkRole(rule: AccessRule, sender: Sender & { kind: 'listed' }): void {
  const allowed =
    rule === 'create' ? sender.role !== 'viewer' : rule.startsWith('view') || sender.role === 'admin';
  if (!allowed)
    throw new ApiError('forbidden', `The role ${sender.role} of ${sender.name} does not allow this.`);
}

/** The same answer for an unknown cluster, a wrong user and a wrong password: nothing is learnt by guessing. */
function checkOwner(
  rule: AccessRule,
  claim: Sender & { kind: 'claim' },
  request: FastifyRequest,
  service: ClusterService,
  options: HttpOptions,
): void {
  const { name } = request.params as { name?: string };
  const owns =
    (rule === 'view_cluster' || rule === 'change_cluster') &&
    name !== undefined &&
    service.find(name)?.record.spec.user === claim.user &&
    options.passwordMatches(name, claim.password);
  if (!owns) throw new ApiError('unauthorised', 'The user or password is not known here.');
}
