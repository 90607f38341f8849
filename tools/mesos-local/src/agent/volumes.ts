import { mkdirSync, rmSync } from 'node:fs';
import type { Operation } from '../messages.ts';
import { addResources, isVolume, needsCheckpoint, reservationRole } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import { applyOperation } from '../resources/apply-operation.ts';
import type { AgentPaths } from './paths.ts';

const volumeKey = (resource: Resource): string =>
  `${reservationRole(resource)}\n${resource.disk!.persistence!.id}`;

/**
 * Applies one operation to what the agent offers and brings the volume directories in line with it.
 * Returns the new total. Throws when the agent does not hold the resources.
 */
export function applyToAgent(paths: AgentPaths, total: Resource[], operation: Operation): Resource[] {
  const after = applyOperation(total, operation);
  const kept = new Set(after.filter(isVolume).map(volumeKey));
  for (const volume of after.filter(isVolume))
    mkdirSync(directoryOf(paths, volume), { recursive: true, mode: 0o755 });
  for (const volume of total.filter(isVolume))
    if (!kept.has(volumeKey(volume))) rmSync(directoryOf(paths, volume), { recursive: true, force: true });
  return after;
}

const directoryOf = (paths: AgentPaths, volume: Resource): string =>
  paths.volume(reservationRole(volume), volume.disk!.persistence!.id);

export const checkpointedPart = (total: Resource[]): Resource[] =>
  addResources(total.filter(needsCheckpoint));
