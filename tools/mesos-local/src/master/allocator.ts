import {
  addResources,
  allocate,
  containsResources,
  isReserved,
  reservationRole,
  scalarTotal,
  subtractResources,
  unallocate,
} from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';

/** A set of quantities in thousandths; an offer has to reach all of one such set. */
export type Quantities = Record<string, number>;

export interface FrameworkOptions {
  roles: string[];
  suppressed: Set<string>;
  /** Per role; absent: the master's default. */
  minAllocatable: Map<string, Quantities[]>;
}

export interface Allocation {
  frameworkId: string;
  agentId: string;
  role: string;
  resources: Resource[];
}

interface Filter {
  role: string;
  agentId: string;
  refused: Resource[];
  until: number;
}

interface Member extends FrameworkOptions {
  id: string;
  active: boolean;
  filters: Filter[];
  /** How often each role of it got something: the tie-breaker between equal shares. */
  turns: Map<string, number>;
  /** What it has per agent, offered or used. */
  allocated: Map<string, Resource[]>;
}

interface Machine {
  total: Resource[];
  active: boolean;
}

const DEFAULT_REFUSE_SECONDS = 5;
const MAX_REFUSE_SECONDS = 365 * 24 * 3600;

/** Roles whose reservations a role may use: itself and everything above it. */
const usableRoles = (role: string): string[] =>
  role.split('/').map((_part, index, parts) => parts.slice(0, index + 1).join('/'));

/**
 * Decides who is offered what. Pure apart from the clock it is given: whoever has the smaller dominant
 * share comes first, then whoever was served less often. Everything free of an agent goes to one framework.
 */
export class Allocator {
  readonly #intervalMs: number;
  readonly #minAllocatable: Quantities[];
  readonly #now: () => number;
  readonly #members = new Map<string, Member>();
  readonly #machines = new Map<string, Machine>();

  constructor(intervalMs: number, minAllocatable: Quantities[], now: () => number) {
    this.#intervalMs = intervalMs;
    this.#minAllocatable = minAllocatable;
    this.#now = now;
  }

  addFramework(id: string, options: FrameworkOptions, active: boolean): void {
    const member = {
      id,
      active,
      filters: [],
      turns: new Map<string, number>(),
      allocated: new Map<string, Resource[]>(),
    };
    this.#members.set(id, { ...member, ...options });
  }

  updateFramework(id: string, options: FrameworkOptions): void {
    Object.assign(this.#member(id), options);
  }

  removeFramework(id: string): void {
    this.#members.delete(id);
  }

  activate(id: string): void {
    this.#member(id).active = true;
  }

  /** Its stream is gone: no offers, and its filters are forgotten. */
  deactivate(id: string): void {
    const member = this.#member(id);
    member.active = false;
    member.filters = [];
  }

  #member(id: string): Member {
    const member = this.#members.get(id);
    if (!member) throw new Error(`the allocator has no framework ${id}`);
    return member;
  }

  /** `used`: what frameworks already have there, with their allocation. */
  addAgent(id: string, total: Resource[], used: Map<string, Resource[]>): void {
    this.#machines.set(id, { total, active: true });
    for (const [frameworkId, resources] of used) this.#members.get(frameworkId)?.allocated.set(id, resources);
  }

  removeAgent(id: string): void {
    this.#machines.delete(id);
    for (const member of this.#members.values()) {
      member.allocated.delete(id);
      member.filters = member.filters.filter((filter) => filter.agentId !== id);
    }
  }

  setAgentActive(id: string, active: boolean): void {
    const machine = this.#machines.get(id);
    if (machine) machine.active = active;
  }

  updateTotal(id: string, total: Resource[]): void {
    const machine = this.#machines.get(id);
    if (machine) machine.total = total;
  }

  /** An operation turned some of a framework's resources into others. */
  replaceAllocated(frameworkId: string, agentId: string, taken: Resource[], given: Resource[]): void {
    const member = this.#members.get(frameworkId);
    if (!member) return;
    const had = member.allocated.get(agentId) ?? [];
    member.allocated.set(agentId, addResources(subtractResources(had, taken), given));
  }

  /** Resources come back: declined, left over, or no longer used. `refuseSeconds`: not to be offered again so soon. */
  recover(frameworkId: string, agentId: string, resources: Resource[], refuseSeconds?: number): void {
    const member = this.#members.get(frameworkId);
    if (!member || resources.length === 0) return;
    member.allocated.set(agentId, subtractResources(member.allocated.get(agentId) ?? [], resources));
    if (refuseSeconds === undefined) return;
    const valid = refuseSeconds < 0 || Number.isNaN(refuseSeconds) ? DEFAULT_REFUSE_SECONDS : refuseSeconds;
    if (valid === 0 || !this.#machines.has(agentId)) return;
    const forMs = Math.max(this.#intervalMs, Math.min(valid, MAX_REFUSE_SECONDS) * 1000);
    const role = resources[0]!.allocation_info?.role ?? '*';
    member.filters.push({ role, agentId, refused: unallocate(resources), until: this.#now() + forMs });
  }

  suppress(frameworkId: string, roles: string[]): void {
    const { suppressed } = this.#member(frameworkId);
    for (const role of roles) suppressed.add(role);
  }

  revive(frameworkId: string, roles: string[]): void {
    const member = this.#member(frameworkId);
    for (const role of roles) member.suppressed.delete(role);
    member.filters = member.filters.filter((filter) => !roles.includes(filter.role));
  }

  /** Gives away everything that is free, on all agents or some. */
  allocate(agentIds: string[] = [...this.#machines.keys()]): Allocation[] {
    this.#expireFilters();
    return agentIds.flatMap((agentId) => this.#allocateAgent(agentId));
  }

  #expireFilters(): void {
    const now = this.#now();
    for (const member of this.#members.values())
      member.filters = member.filters.filter((filter) => filter.until > now);
  }

  #allocateAgent(agentId: string): Allocation[] {
    const machine = this.#machines.get(agentId);
    if (!machine?.active) return [];
    const given: Allocation[] = [];
    for (const { member, role } of this.#queue()) {
      const free = this.#freeFor(machine, agentId, role);
      if (
        free.length === 0 ||
        !this.#isWorthOffering(member, role, free) ||
        this.#isFiltered(member, role, agentId, free)
      )
        continue;
      const resources = allocate(free, role);
      member.allocated.set(agentId, addResources(member.allocated.get(agentId) ?? [], resources));
      member.turns.set(role, (member.turns.get(role) ?? 0) + 1);
      given.push({ frameworkId: member.id, agentId, role, resources });
    }
    return given;
  }

  /** Who wants something, neediest first. */
  #queue(): { member: Member; role: string }[] {
    const wanting = [...this.#members.values()]
      .filter((member) => member.active)
      .flatMap((member) =>
        member.roles.filter((role) => !member.suppressed.has(role)).map((role) => ({ member, role })),
      );
    const rank = new Map(wanting.map((entry) => [entry, this.#share(entry.member, entry.role)]));
    return wanting.sort(
      (a, b) =>
        rank.get(a)! - rank.get(b)! ||
        (a.member.turns.get(a.role) ?? 0) - (b.member.turns.get(b.role) ?? 0) ||
        (a.member.id < b.member.id ? -1 : 1),
    );
  }

  /** The largest part of the cluster's cpus, mem or disk it holds in a role. */
  #share(member: Member, role: string): number {
    const all = [...this.#machines.values()].flatMap((machine) => machine.total);
    const own = [...member.allocated.values()]
      .flat()
      .filter((resource) => resource.allocation_info?.role === role);
    return Math.max(
      ...['cpus', 'mem', 'disk'].map((name) => scalarTotal(own, name) / (scalarTotal(all, name) || 1)),
    );
  }

  /** What nobody has on an agent, as far as a role may use it, in the order Mesos offers it. */
  #freeFor(machine: Machine, agentId: string, role: string): Resource[] {
    const taken = [...this.#members.values()].flatMap((member) =>
      unallocate(member.allocated.get(agentId) ?? []),
    );
    const allowed = new Set(usableRoles(role));
    const free = subtractResources(machine.total, taken).filter(
      (resource) => !isReserved(resource) || allowed.has(reservationRole(resource)),
    );
    const first = (resource: Resource) => isReserved(resource) || resource.type !== 'SCALAR';
    return [...free.filter(first), ...free.filter((resource) => !first(resource))];
  }

  #isWorthOffering(member: Member, role: string, free: Resource[]): boolean {
    const alternatives = member.minAllocatable.get(role) ?? this.#minAllocatable;
    const reaches = (wanted: Quantities) =>
      Object.entries(wanted).every(([name, amount]) => scalarTotal(free, name) >= amount);
    return alternatives.length === 0 || alternatives.some(reaches);
  }

  #isFiltered(member: Member, role: string, agentId: string, free: Resource[]): boolean {
    return member.filters.some(
      (filter) =>
        filter.role === role && filter.agentId === agentId && containsResources(filter.refused, free),
    );
  }
}
