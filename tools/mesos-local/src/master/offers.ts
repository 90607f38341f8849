import type { Allocation } from './allocator.ts';
import type { Master } from './master.ts';
import { executorsOf, type Agent, type Framework, type Offer } from './model.ts';
import { hasCapability } from '../messages.ts';
import { downgrade } from '../resources/convert.ts';
import { unallocate } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';

/** Resources in the format a framework's capabilities call for. */
function formatFor(framework: Framework, resources: Resource[]): Resource[] {
  const multiRole = hasCapability(framework.info, 'MULTI_ROLE');
  const refinement = hasCapability(framework.info, 'RESERVATION_REFINEMENT');
  const allocated = multiRole ? resources : unallocate(resources);
  return refinement ? allocated : allocated.map(downgrade);
}

/** Makes offers out of allocations and takes them back. */
export class Offers {
  readonly #master: Master;
  #nextId = 0;

  constructor(master: Master) {
    this.#master = master;
  }

  /** One round of allocation; every framework gets what it won in one OFFERS event. */
  allocate(agentIds?: string[]): void {
    const byFramework = new Map<Framework, Offer[]>();
    for (const allocation of this.#master.allocator.allocate(agentIds)) {
      const offer = this.#create(allocation);
      const framework = this.#master.frameworks.get(allocation.frameworkId)!;
      byFramework.set(framework, [...(byFramework.get(framework) ?? []), offer]);
    }
    for (const [framework, offers] of byFramework)
      framework.stream?.send({
        type: 'OFFERS',
        offers: { offers: offers.map((offer) => this.message(framework, offer)) },
      });
  }

  #create({ frameworkId, agentId, role, resources }: Allocation): Offer {
    const id = `${this.#master.id}-O${this.#nextId++}`;
    const offer: Offer = { id, frameworkId, agentId, role, resources };
    this.#master.offers.set(id, offer);
    this.#master.frameworks.get(frameworkId)!.offers.add(offer);
    this.#master.agents.get(agentId)!.offers.add(offer);
    const timeoutMs = this.#master.config.offerTimeoutMs;
    if (timeoutMs !== undefined) offer.timer = setTimeout(() => this.rescind(offer), timeoutMs);
    return offer;
  }

  /** An offer as its framework sees it. */
  message(framework: Framework, offer: Offer): object {
    const agent = this.#master.agents.get(offer.agentId)!;
    const { hostname, attributes } = agent.info;
    const [ip] = agent.address.split(':');
    const executors = [...executorsOf(agent, framework.id).keys()];
    return {
      id: { value: offer.id },
      framework_id: { value: framework.id },
      agent_id: { value: agent.id },
      hostname,
      url: { scheme: 'http', address: { hostname, ip, port: agent.info.port }, path: '/slave(1)' },
      resources: formatFor(framework, offer.resources),
      ...(attributes && { attributes }),
      ...(executors.length > 0 && { executor_ids: executors.map((value) => ({ value })) }),
      ...(hasCapability(framework.info, 'MULTI_ROLE') && { allocation_info: { role: offer.role } }),
    };
  }

  /** Removes an offer from all books; its resources are the caller's. */
  remove(offer: Offer): void {
    clearTimeout(offer.timer);
    this.#master.offers.delete(offer.id);
    this.#master.frameworks.get(offer.frameworkId)?.offers.delete(offer);
    this.#master.agents.get(offer.agentId)?.offers.delete(offer);
  }

  /** Takes an offer back and says so; its resources are free again. */
  rescind(offer: Offer): void {
    this.remove(offer);
    this.#master.allocator.recover(offer.frameworkId, offer.agentId, offer.resources);
    this.#master.frameworks
      .get(offer.frameworkId)
      ?.stream?.send({ type: 'RESCIND', rescind: { offer_id: { value: offer.id } } });
  }

  rescindAgent(agent: Agent): void {
    for (const offer of agent.offers) this.rescind(offer);
  }

  /** The framework's stream is gone: nobody to tell. */
  withdraw(framework: Framework): void {
    for (const offer of framework.offers) {
      this.remove(offer);
      this.#master.allocator.recover(offer.frameworkId, offer.agentId, offer.resources);
    }
  }

  decline(framework: Framework, offerIds: string[], refuseSeconds: number): void {
    for (const id of offerIds) {
      const offer = this.#master.offers.get(id);
      if (!offer || offer.frameworkId !== framework.id) continue;
      this.remove(offer);
      this.#master.allocator.recover(framework.id, offer.agentId, offer.resources, refuseSeconds);
    }
  }
}
