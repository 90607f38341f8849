import { printResource } from '../resources/print.ts';
import { isReserved, isVolume, reservationRole } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { roleProblem } from './validate-roles.ts';
import { idProblem } from './validate-framework.ts';

/** Problems are the master's own words; `undefined` means none. */
export type Problem = string | undefined;

/** The first problem anything has. */
export function firstProblem<T>(items: T[], check: (item: T) => Problem): Problem {
  for (const item of items) {
    const problem = check(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function reservationProblem(resource: Resource): Problem {
  const stack = resource.reservations ?? [];
  for (const [index, { role, type }] of stack.entries()) {
    if (type === undefined || type === 'UNKNOWN') return 'Invalid reservation: type must be set';
    if (role === undefined) return 'Invalid reservation: role must be set';
    if (role === '*') return 'Invalid reservation: role "*" cannot be reserved';
    const problem = roleProblem(role);
    if (problem !== undefined) return `Invalid reservation: ${problem}`;
    const above = stack[index - 1];
    if (above && (type === 'STATIC' || !role.startsWith(`${above.role}/`)))
      return `Invalid refined reservation: role '${role}' is not a refinement of '${above.role}'`;
  }
  return undefined;
}

/** The format of one resource, which is checked before anything else. */
export function formatProblem(resource: Resource): Problem {
  const problem = reservationProblem(resource);
  return problem === undefined ? undefined : `Resource '${printResource(resource)}' is invalid: ${problem}`;
}

function diskProblem(resource: Resource): Problem {
  const disk = resource.disk;
  if (!disk) return undefined;
  if (!disk.persistence)
    return disk.volume
      ? 'Non-persistent volume not supported'
      : disk.source
        ? undefined
        : 'DiskInfo is set but empty';
  if (resource.revocable) return 'Persistent volumes cannot be created from revocable resources';
  if (!isReserved(resource)) return 'Persistent volumes cannot be created from unreserved resources';
  if (!disk.volume) return "Expecting 'volume' to be set for persistent volume";
  if (disk.volume.host_path !== undefined) return "Expecting 'host_path' to be unset for persistent volume";
  const id = idProblem(disk.persistence.id);
  return id === undefined ? undefined : `Invalid persistence ID for persistent volume: ${id}`;
}

/** The checks common to the resources of every operation and task. */
export function resourcesProblem(resources: Resource[]): Problem {
  const disk = firstProblem(resources, diskProblem);
  return disk === undefined ? undefined : `Invalid DiskInfo: ${disk}`;
}

export const volumeProblem = (resource: Resource): Problem => {
  if (!resource.disk) return `Resource ${printResource(resource)} does not have DiskInfo`;
  if (!resource.disk.persistence) return "'persistence' is not set in DiskInfo";
  if (resource.disk.volume?.mode === 'RO') return 'Read-only persistent volume not supported';
  return undefined;
};

/** Persistence ids are unique per role on an agent. */
export function duplicateVolumeProblem(resources: Resource[]): Problem {
  const seen = new Set<string>();
  for (const resource of resources.filter(isVolume)) {
    const id = resource.disk!.persistence!.id;
    const key = `${reservationRole(resource)}\n${id}`;
    if (seen.has(key)) return `Persistence ID '${id}' is not unique`;
    seen.add(key);
  }
  return undefined;
}

export function singleRoleProblem(resources: Resource[]): Problem {
  const roles = new Set(resources.map((resource) => resource.allocation_info?.role));
  if (roles.has(undefined)) return 'The resources are not allocated to a role';
  return roles.size > 1
    ? `The resources have multiple allocation roles ({ ${[...roles].join(', ')} })`
    : undefined;
}
