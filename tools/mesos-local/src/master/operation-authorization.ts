import { codec } from '@cotton/mesos';
import type { Operation } from '../messages.ts';
import { reservationRole } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { mayCreateVolume, mayDestroyVolume, mayReserve, mayUnreserve } from './authorization.ts';
import type { Acl } from './config.ts';

const resourceCodec = codec('Resource');

/** What an ACL is asked: may the principal do this to that resource, which is `value`'s. */
interface Question {
  action: string;
  value: string;
  resource: Resource;
  allowed: boolean;
}

function questions(acls: Acl, principal: string | undefined, operation: Operation): Question[] {
  const ask = (
    resources: Resource[] | undefined,
    action: string,
    may: typeof mayReserve,
    valueOf: (r: Resource) => string,
  ) =>
    (resources ?? []).map((resource) => {
      const value = valueOf(resource);
      return { action, value, resource, allowed: may(acls, principal, value) };
    });
  const owner = (resource: Resource) => resource.reservations?.at(-1)?.principal ?? '';
  const creator = (resource: Resource) => resource.disk?.persistence?.principal ?? '';
  return [
    ...ask(operation.reserve?.resources, 'RESERVE_RESOURCES', mayReserve, reservationRole),
    ...ask(operation.unreserve?.resources, 'UNRESERVE_RESOURCES', mayUnreserve, owner),
    ...ask(operation.create?.volumes, 'CREATE_VOLUME', mayCreateVolume, reservationRole),
    ...ask(operation.destroy?.volumes, 'DESTROY_VOLUME', mayDestroyVolume, creator),
  ];
}

/** Why the ACLs do not let a principal perform an operation, in the master's words. */
export function unauthorized(
  acls: Acl,
  principal: string | undefined,
  operation: Operation,
): string | undefined {
  const refused = questions(acls, principal, operation).find(({ allowed }) => !allowed);
  if (!refused) return undefined;
  const resource = resourceCodec.toJson(resourceCodec.fromJson(JSON.stringify(refused.resource)));
  const object = `{"value":${JSON.stringify(refused.value)},"resource":${resource}}`;
  return `Principal '${principal ?? 'ANY'}' no authorized to perform action ${refused.action} on object ${object}`;
}
