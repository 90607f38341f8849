import type { Operation } from '../messages.ts';
import { printResources } from './print.ts';
import { addResources, containsResources, subtractResources } from './resource-list.ts';
import type { Resource } from './types.ts';

/** The resources are not there; `message` as the master words it. */
export class NotContained extends Error {}

/** What one operation takes and what it gives instead, in order. */
type Conversion = [taken: Resource[], given: Resource[]];

/** Without the innermost reservation. */
function popReservation(resource: Resource): Resource {
  const { reservations, ...rest } = resource;
  const stack = reservations!.slice(0, -1);
  return stack.length > 0 ? { ...rest, reservations: stack } : rest;
}

/** The plain disk a volume is made of. */
function popVolume(volume: Resource): Resource {
  const { disk, ...rest } = volume;
  return disk?.source ? { ...rest, disk: { source: disk.source } } : rest;
}

const withSize = (resource: Resource, value: number): Resource => ({ ...resource, scalar: { value } });

function conversions(operation: Operation): Conversion[] {
  switch (operation.type) {
    case 'RESERVE':
      return (operation.reserve?.resources ?? []).map((resource) => [[popReservation(resource)], [resource]]);
    case 'UNRESERVE':
      return (operation.unreserve?.resources ?? []).map((resource) => [
        [resource],
        [popReservation(resource)],
      ]);
    case 'CREATE':
      return (operation.create?.volumes ?? []).map((volume) => [[popVolume(volume)], [volume]]);
    case 'DESTROY':
      return (operation.destroy?.volumes ?? []).map((volume) => [[volume], [popVolume(volume)]]);
    case 'GROW_VOLUME': {
      const { volume, addition } = operation.grow_volume!;
      const size = volume.scalar!.value + addition.scalar!.value;
      return [[[volume, addition], [withSize(volume, size)]]];
    }
    case 'SHRINK_VOLUME': {
      const { volume, subtract } = operation.shrink_volume!;
      const size = volume.scalar!.value - subtract.value;
      return [[[volume], [withSize(volume, size), withSize(popVolume(volume), subtract.value)]]];
    }
    default:
      return [];
  }
}

/** Carries an operation out on a list of resources; throws `NotContained` when they do not hold what it needs. */
export function applyOperation(resources: Resource[], operation: Operation): Resource[] {
  let result = resources;
  for (const [taken, given] of conversions(operation)) {
    if (!containsResources(result, taken))
      throw new NotContained(`${printResources(result)} does not contain ${printResources(taken)}`);
    result = addResources(subtractResources(result, taken), given);
  }
  return result;
}
