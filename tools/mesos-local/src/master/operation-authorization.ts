import type { Operation } from '../messages.ts';
import { reservationRole } from '../resources/resource-list.ts';
import { mayCreateVolume, mayDestroyVolume, mayReserve, mayUnreserve } from './authorization.ts';
import type { Acl } from './config.ts';

/** Whether the ACLs let a principal perform an operation. */
export function operationAuthorized(acls: Acl, principal: string | undefined, operation: Operation): boolean {
  switch (operation.type) {
    case 'RESERVE':
      return (operation.reserve?.resources ?? []).every((one) =>
        mayReserve(acls, principal, reservationRole(one)),
      );
    case 'UNRESERVE':
      return (operation.unreserve?.resources ?? []).every((one) =>
        mayUnreserve(acls, principal, one.reservations?.at(-1)?.principal ?? ''),
      );
    case 'CREATE':
      return (operation.create?.volumes ?? []).every((one) =>
        mayCreateVolume(acls, principal, reservationRole(one)),
      );
    case 'DESTROY':
      return (operation.destroy?.volumes ?? []).every((one) =>
        mayDestroyVolume(acls, principal, one.disk?.persistence?.principal ?? ''),
      );
    default:
      return true;
  }
}
