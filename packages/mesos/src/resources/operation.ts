import { MesosError } from '../error.ts';
import type { OfferOperation, Resource } from '../wire/generated/types.ts';
import { add, contains, subtract } from './arithmetic.ts';
import { formatResource, formatResources } from './format.ts';
import { unreserve } from './reservation.ts';
import { destroyVolume, growVolume, isPersistentVolume } from './volume.ts';

/** `consumed` turns into `converted`. */
export interface Conversion {
  consumed: Resource[];
  converted: Resource[];
}

export type OperationResult = { ok: true; resources: Resource[] } | { ok: false; reason: string };

/**
 * What RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME or SHRINK_VOLUME does to an agent's (or an
 * offer's) resources. It is done as a whole or not at all. Who may do it is not judged here.
 */
export function applyOperation(resources: readonly Resource[], operation: OfferOperation): OperationResult {
  try {
    return { ok: true, resources: conversionsOf(operation).reduce(convert, add(resources)) };
  } catch (error) {
    if (error instanceof MesosError && error.code === 'resource') return { ok: false, reason: error.message };
    throw error;
  }
}

/** The conversions of an operation, in order. Throws `resource` for one that converts nothing. */
export function conversionsOf(operation: OfferOperation): Conversion[] {
  switch (operation.type) {
    case 'RESERVE': {
      const { source = [], resources = [] } = operation.reserve ?? {};
      return [{ consumed: source.length > 0 ? source : unreserve(resources), converted: resources }];
    }
    case 'UNRESERVE':
      return (operation.unreserve?.resources ?? []).map(unreserving);
    case 'CREATE':
      return (operation.create?.volumes ?? []).map((volume) => ({
        consumed: [destroyVolume(volume)],
        converted: [volume],
      }));
    case 'DESTROY':
      return (operation.destroy?.volumes ?? []).map((volume) => ({
        consumed: [volume],
        converted: [destroyVolume(volume)],
      }));
    default:
      return resizing(operation);
  }
}

function unreserving(resource: Resource): Conversion {
  if (isPersistentVolume(resource)) {
    throw new MesosError('resource', `${formatResource(resource)} is a volume: destroy it first`);
  }
  return { consumed: [resource], converted: unreserve([resource]) };
}

function resizing({ type, growVolume: grow, shrinkVolume: shrink }: OfferOperation): Conversion[] {
  if (type === 'GROW_VOLUME' && grow) {
    const { volume, addition } = grow;
    return [{ consumed: [volume, addition], converted: [growVolume(volume, addition)] }];
  }
  if (type === 'SHRINK_VOLUME' && shrink) {
    const freed = { ...destroyVolume(shrink.volume), scalar: shrink.subtract };
    const smaller = growVolume(shrink.volume, { ...freed, scalar: { value: -shrink.subtract.value } });
    return [{ consumed: [shrink.volume], converted: [smaller, freed] }];
  }
  throw new MesosError('resource', `${type ?? 'an operation without type'} converts no resources`);
}

function convert(resources: Resource[], { consumed, converted }: Conversion): Resource[] {
  if (!contains(resources, consumed)) {
    throw new MesosError(
      'resource',
      `${formatResources(resources)} does not contain ${formatResources(add(consumed))}`,
    );
  }
  return add(subtract(resources, consumed), converted);
}
