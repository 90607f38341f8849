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
    agent.resources = resources.add(agent.resources, ofUse(offer.resources));
    agents.set(agentId, agent);
  }
  return [...agents.values()];
}

/** Other resources may be of any size, also of one that arithmetic in thousandths cannot hold. */
function ofUse(offered: readonly Resource[] = []): Resource[] {
  return offered.filter(({ name }) => USED.has(name));
}

const USED = new Set(['cpus', 'mem', 'disk', 'ports']);

/**
 * The agent as placement sees it. Where maintenance is due within a day nothing new begins; what is reserved there stays
 * in use.
 */
export function toAgentOffer(agent: AgentOffers, installation: string, nowMs: number): AgentOffer {
  const free = agent.offers.some((offer) => isDueForMaintenance(offer, nowMs)) ? [] : freeOf(agent.resources);
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

function isDueForMaintenance({ unavailability }: Offer, nowMs: number): boolean {
  if (!unavailability) return false;
  const { start, duration } = unavailability;
  const startMs = toMs(start.nanoseconds);
  const endMs = duration ? startMs + toMs(duration.nanoseconds) : Infinity;
  return startMs - nowMs < MAINTENANCE_AHEAD_MS && nowMs < endMs;
}

const MAINTENANCE_AHEAD_MS = 24 * 3600 * 1000;

function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}

function addressOf({ url }: Offer): string {
  const host = url?.address?.ip ?? url?.address?.hostname;
  return host === undefined ? '' : `${host}:${url?.address?.port}`;
}
