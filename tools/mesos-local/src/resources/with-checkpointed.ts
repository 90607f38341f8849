import { applyOperation } from './apply-operation.ts';
import { isVolume } from './resource-list.ts';
import type { Resource } from './types.ts';

/** The machine's resources with the remembered reservations and volumes cut out of them. */
export function withCheckpointed(plain: Resource[], checkpointed: Resource[]): Resource[] {
  let total = plain;
  for (const resource of checkpointed) total = applyCheckpointed(total, resource);
  return total;
}

function applyCheckpointed(total: Resource[], resource: Resource): Resource[] {
  const { disk: _disk, ...bare } = resource;
  const reserved = resource.disk?.persistence ? bare : resource;
  const after = applyOperation(total, { type: 'RESERVE', reserve: { resources: [reserved] } });
  return isVolume(resource)
    ? applyOperation(after, { type: 'CREATE', create: { volumes: [resource] } })
    : after;
}
