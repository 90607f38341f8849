import type { AgentOffer } from '@cotton/core';
import type { Offer, Resource } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import { footprintsOf } from './reservation.ts';

/** One agent's outstanding offers. They are always answered together: parts declined separately stay separate. */
export interface AgentOffers {
  agentId: string;
  hostname: string;
  /** `ip:port`, or '' when the offer does not tell. */
  address: string;
  offers: Offer[];
  resources: Resource[];
}

export function byAgent(offers: Iterable<Offer>): AgentOffers[] {
  const agents = new Map<string, AgentOffers>();
  for (const offer of offers) {
    const agentId = offer.agentId.value;
    const { hostname } = offer;
    const agent = agents.get(agentId) ?? {
      agentId,
      hostname,
      address: addressOf(offer),
      offers: [],
      resources: [],
    };
    agent.offers.push(offer);
    // Parts that were freed at different moments come in different offers; together they may hold what none holds alone.
    agent.resources = resources.add(agent.resources, offer.resources ?? []);
    agents.set(agentId, agent);
  }
  return [...agents.values()];
}

/** The agent as placement sees it. */
export function toAgentOffer(agent: AgentOffers, installation: string): AgentOffer {
  const free = freeOf(agent.resources);
  return {
    agentId: agent.agentId,
    hostname: agent.hostname,
    address: agent.address,
    free: {
      cpus: resources.sumOf(free, 'cpus'),
      memMb: resources.sumOf(free, 'mem'),
      diskMb: resources.sumOf(free, 'disk'),
      ports: free.flatMap((r) =>
        r.name === 'ports'
          ? (r.ranges?.range ?? []).map(({ begin, end }): [number, number] => [begin, end])
          : [],
      ),
    },
    footprints: footprintsOf(agent.resources, installation),
  };
}

/** What Cotton may reserve: unreserved, not revocable, and disk only from the agent's root disk. */
export function freeOf(offered: readonly Resource[]): Resource[] {
  return resources.unreserved(offered).filter((r) => !r.revocable && !r.disk?.source && !r.shared);
}

function addressOf({ url }: Offer): string {
  const host = url?.address?.ip ?? url?.address?.hostname;
  return host === undefined ? '' : `${host}:${url?.address?.port}`;
}
