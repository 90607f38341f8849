import { rolesOf, type FrameworkInfo, type Operation } from '../messages.ts';
import { printResource } from '../resources/print.ts';
import { milli } from '../resources/quantity.ts';
import {
  containsResources,
  isDynamicallyReserved,
  isVolume,
  needsCheckpoint,
  reservationRole,
  unallocate,
} from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import type { Agent } from './model.ts';
import { taskResourcesByFramework } from './usage.ts';
import {
  duplicateVolumeProblem,
  firstProblem,
  resourcesProblem,
  singleRoleProblem,
  volumeProblem,
  type Problem,
} from './validate-resources.ts';

/** Who asks: a framework on resources offered to it, or an operator on free ones. */
export interface Requester {
  principal: string | undefined;
  framework?: FrameworkInfo;
}

const prefixed = (prefix: string, problem: Problem): Problem =>
  problem === undefined ? undefined : `${prefix}: ${problem}`;

const wellFormed = (resources: Resource[]): Problem =>
  prefixed(
    'Invalid resources',
    resourcesProblem(resources) ??
      (resources.length === 0 ? 'The resources have multiple resource providers: ' : undefined),
  );

function reservationOwnerProblem(resource: Resource, principal: string | undefined): Problem {
  if (principal === undefined) return undefined;
  const owner = resource.reservations!.at(-1)!.principal;
  if (owner === undefined)
    return `A reserve operation was attempted by principal '${principal}', but there is a reserved resource in the request with no principal set`;
  if (owner !== principal)
    return `A reserve operation was attempted by authenticated principal '${principal}', which does not match a reserved resource in the request with principal '${owner}'`;
  return undefined;
}

function reservationRoleProblem(resource: Resource, framework: FrameworkInfo | undefined): Problem {
  const allocated = resource.allocation_info?.role;
  if (!framework)
    return allocated === undefined
      ? undefined
      : 'A reserve operation was attempted with an allocated resource, but the operator API only allows reservations to be made to unallocated resources';
  const role = reservationRole(resource);
  if (allocated === undefined)
    return `A reserve operation was attempted on unallocated resource ${printResource(resource)}, but frameworks can only perform reservations on allocated resources`;
  if (allocated !== role)
    return `A reserve operation was attempted for a resource with role '${role}', but the resource was allocated to role '${allocated}'`;
  const roles = rolesOf(framework);
  if (!roles.includes(allocated))
    return `A reserve operation was attempted for a resource allocated to role '${allocated}', but the framework only has roles '{ ${roles.toReversed().join(', ')} }'`;
  return undefined;
}

const notReserved = (resource: Resource): Problem =>
  isDynamicallyReserved(resource)
    ? undefined
    : `Resource ${printResource(resource)} is not dynamically reserved`;

function reserveProblem(resources: Resource[], by: Requester): Problem {
  return (
    wellFormed(resources) ??
    firstProblem(
      resources,
      (resource) =>
        notReserved(resource) ??
        reservationOwnerProblem(resource, by.principal) ??
        reservationRoleProblem(resource, by.framework),
    ) ??
    (by.framework && prefixed('Invalid reservation resources', singleRoleProblem(resources)))
  );
}

function unreserveProblem(resources: Resource[]): Problem {
  const volume = (resource: Resource): Problem =>
    isVolume(resource)
      ? `A dynamically reserved persistent volume ${printResource(resource)} cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource`
      : undefined;
  return (
    wellFormed(resources) ?? firstProblem(resources, (resource) => notReserved(resource) ?? volume(resource))
  );
}

function volumeOwnerProblem(volume: Resource, principal: string | undefined): Problem {
  if (principal === undefined) return undefined;
  const owner = volume.disk!.persistence!.principal;
  if (owner === undefined)
    return `Create volume operation attempted by principal '${principal}', but there is a volume in the operation with no principal set in 'disk.persistence'`;
  if (owner !== principal)
    return `Create volume operation attempted by authenticated principal '${principal}', which does not match a volume in the operation with principal '${owner}' set in 'disk.persistence'`;
  return undefined;
}

function createProblem(volumes: Resource[], agent: Agent, by: Requester): Problem {
  const existing = agent.total.filter(needsCheckpoint);
  return (
    wellFormed(volumes) ??
    prefixed('Not a persistent volume', firstProblem(volumes, volumeProblem)) ??
    duplicateVolumeProblem([...existing, ...volumes]) ??
    firstProblem(volumes, (volume) => volumeOwnerProblem(volume, by.principal)) ??
    (by.framework && prefixed('Invalid volume resources', singleRoleProblem(volumes)))
  );
}

function destroyProblem(given: Resource[], agent: Agent): Problem {
  const volumes = unallocate(given);
  const problem =
    wellFormed(volumes) ?? prefixed('Not a persistent volume', firstProblem(volumes, volumeProblem));
  if (problem !== undefined) return problem;
  if (volumes.some((volume) => !containsResources(agent.total, [volume])))
    return 'Persistent volumes not found';
  const used = [...taskResourcesByFramework(agent).values()];
  const inUse = volumes.some((volume) =>
    used.some((resources) => containsResources(unallocate(resources), [volume])),
  );
  return inUse ? 'Persistent volumes in use' : undefined;
}

function growProblem({ volume, addition }: NonNullable<Operation['grow_volume']>): Problem {
  if (milli(addition.scalar?.value ?? 0) <= 0)
    return "The size of 'GrowVolume.addition' field must be greater than zero";
  const problem = volumeProblem(volume);
  if (problem !== undefined) return `Invalid persistent volume in the 'GrowVolume.volume' field: ${problem}`;
  const { disk: _disk, ...plain } = volume;
  const sum = containsResources(
    [{ ...plain, scalar: { value: Number.MAX_SAFE_INTEGER / 1000 } }],
    [addition],
  );
  return sum
    ? undefined
    : "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields";
}

function shrinkProblem({ volume, subtract }: NonNullable<Operation['shrink_volume']>): Problem {
  if (milli(subtract.value) <= 0) return "Value of 'ShrinkVolume.subtract' must be greater than zero";
  if (milli(volume.scalar?.value ?? 0) <= milli(subtract.value))
    return "Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'";
  return prefixed("Invalid persistent volume in the 'ShrinkVolume.volume' field", volumeProblem(volume));
}

/** Whether the master refuses an operation on an agent, and why. */
export function operationProblem(operation: Operation, agent: Agent, by: Requester): Problem {
  switch (operation.type) {
    case 'RESERVE':
      return reserveProblem(operation.reserve?.resources ?? [], by);
    case 'UNRESERVE':
      return unreserveProblem(operation.unreserve?.resources ?? []);
    case 'CREATE':
      return createProblem(operation.create?.volumes ?? [], agent, by);
    case 'DESTROY':
      return destroyProblem(operation.destroy?.volumes ?? [], agent);
    case 'GROW_VOLUME':
      return growProblem(operation.grow_volume!);
    case 'SHRINK_VOLUME':
      return shrinkProblem(operation.shrink_volume!);
    default:
      return undefined;
  }
}
