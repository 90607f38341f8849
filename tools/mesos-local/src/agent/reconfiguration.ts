import { isDeepStrictEqual } from 'node:util';
import type { AgentInfo } from '../messages.ts';
import { containsResources, equalResources } from '../resources/resource-list.ts';

/** The saved state of an agent does not go with its new flags. */
export class IncompatibleAgent extends Error {}

/** Mesos' rules of `--reconfiguration_policy`: `equal` allows no change, `additive` only more of everything. */
export function checkReconfiguration(
  saved: AgentInfo,
  now: AgentInfo,
  additive: boolean,
  latest: string,
): void {
  const oldAttributes = saved.attributes ?? [];
  const newAttributes = now.attributes ?? [];
  const fits = additive
    ? containsResources(now.resources, saved.resources) &&
      oldAttributes.every((old) => newAttributes.some((attribute) => isDeepStrictEqual(attribute, old)))
    : equalResources(now.resources, saved.resources) && isDeepStrictEqual(newAttributes, oldAttributes);
  if (fits && now.hostname === saved.hostname && now.port === saved.port) return;
  throw new IncompatibleAgent(
    'The configuration of this agent is not compatible with its saved state. ' +
      `Undo the change, or remove its identity (its tasks are lost, its volumes stay): rm -f ${latest}`,
  );
}
