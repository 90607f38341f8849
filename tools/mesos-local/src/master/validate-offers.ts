import type { Master } from './master.ts';
import type { Framework, Offer } from './model.ts';

/** Why the offers of an ACCEPT cannot be used together. */
export function offersProblem(master: Master, framework: Framework, ids: string[]): string | undefined {
  if (ids.length === 0) return 'No offers specified';
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  if (duplicate !== undefined) return `Duplicate offer ${duplicate} in offer list`;
  const stale = ids.find((id) => !master.offers.has(id));
  if (stale !== undefined) return `Offer ${stale} is no longer valid`;
  const offers = ids.map((id) => master.offers.get(id)!);
  return ownerProblem(framework, offers) ?? roleProblem(offers) ?? agentProblem(master, offers);
}

function ownerProblem(framework: Framework, offers: Offer[]): string | undefined {
  const foreign = offers.find((offer) => offer.frameworkId !== framework.id);
  return (
    foreign &&
    `Offer ${foreign.id} has invalid framework ${foreign.frameworkId} while framework ${framework.id} is expected`
  );
}

function roleProblem(offers: Offer[]): string | undefined {
  const other = offers.find((offer) => offer.role !== offers[0]!.role);
  return (
    other &&
    `Aggregated offers must be allocated to the same role. Offer ${other.id} uses role '${other.role}' but another is using role '${offers[0]!.role}'`
  );
}

function agentProblem(master: Master, offers: Offer[]): string | undefined {
  const [first] = offers as [Offer];
  const other = offers.find((offer) => offer.agentId !== first.agentId);
  if (other)
    return `Aggregated offers must belong to one single agent. Offer ${other.id} uses agent ${other.agentId} and agent ${first.agentId}`;
  const connected = master.agents.get(first.agentId)?.connected;
  return connected ? undefined : `Offer ${first.id} outlived disconnected agent ${first.agentId}`;
}
