import type { Operation } from '../messages.ts';
import { unallocate } from './resource-list.ts';
import type { Resource } from './types.ts';

/** The same operation on an agent's own resources, which are not allocated to any role. */
export function unallocatedOperation(operation: Operation): Operation {
  const list = (resources: Resource[] | undefined) => unallocate(resources ?? []);
  const one = (resource: Resource) => unallocate([resource])[0]!;
  const { reserve, unreserve, create, destroy, grow_volume: grow, shrink_volume: shrink } = operation;
  return {
    ...operation,
    ...(reserve && { reserve: { resources: list(reserve.resources) } }),
    ...(unreserve && { unreserve: { resources: list(unreserve.resources) } }),
    ...(create && { create: { volumes: list(create.volumes) } }),
    ...(destroy && { destroy: { volumes: list(destroy.volumes) } }),
    ...(grow && { grow_volume: { volume: one(grow.volume), addition: one(grow.addition) } }),
    ...(shrink && { shrink_volume: { ...shrink, volume: one(shrink.volume) } }),
  };
}
