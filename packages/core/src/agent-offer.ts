/** One agent's offers as Cotton sees them, and what an instance takes out of them. */
import type { ClusterRecord, ClusterSize, Home, Instance } from './record.ts';

/** What of one instance's reservation an agent offers; anything may be missing while something still runs on it. */
export interface Footprint {
  clusterUid: string;
  instance: string;
  cpus: number;
  memMb: number;
  /** Reserved disk that is not (yet) the volume. */
  diskMb: number;
  ports: number[];
  /** Persistent volumes; more than one when an earlier attempt left its own behind. */
  volumeIds: string[];
}

/** All that one agent offers at the moment, its offers taken together. */
export interface AgentOffer {
  agentId: string;
  hostname: string;
  /** `ip:port` of the agent, '' when unknown: stays when the agent comes back under a new id. */
  address: string;
  free: { cpus: number; memMb: number; diskMb: number; ports: [first: number, last: number][] };
  footprints: Footprint[];
}

const PORTS_NEEDED = 2;

/** What the agent lacks to complete the instance's reservation, or undefined when nothing. */
export function shortageOn(
  agent: AgentOffer,
  record: ClusterRecord,
  instance: Instance,
  ports: number[] | null,
): string | undefined {
  const footprint = agent.footprints.find((f) => isOf(f, record, instance));
  const { cpus, memMb, diskMb } = toReserve(record.spec.size, footprint);
  if (cpus > agent.free.cpus + 1e-6) return `${cpus} cpus (offers ${agent.free.cpus})`;
  if (memMb > agent.free.memMb) return `${memMb} MB memory (offers ${agent.free.memMb})`;
  if (diskMb > agent.free.diskMb) return `${diskMb} MB disk (offers ${agent.free.diskMb})`;
  if (!ports) return choosePorts(agent, footprint).length < PORTS_NEEDED ? 'two ports' : undefined;
  const lost = ports.filter((p) => !footprint?.ports.includes(p) && !isFree(agent, p));
  return lost.length > 0 ? `port ${lost.join(', ')}` : undefined;
}

/** What must still be reserved to complete a footprint. */
function toReserve(size: ClusterSize, footprint: Footprint | undefined): ClusterSize {
  return {
    cpus: Math.max(0, round3(size.cpus - (footprint?.cpus ?? 0))),
    memMb: Math.max(0, size.memMb - (footprint?.memMb ?? 0)),
    diskMb:
      footprint && footprint.volumeIds.length > 0 ? 0 : Math.max(0, size.diskMb - (footprint?.diskMb ?? 0)),
  };
}

export function choosePorts(agent: AgentOffer, footprint: Footprint | undefined): number[] {
  const chosen = [...(footprint?.ports ?? [])].sort((a, b) => a - b).slice(0, PORTS_NEEDED);
  for (const [first, last] of agent.free.ports)
    for (let port = first; port <= last && chosen.length < PORTS_NEEDED; port++) chosen.push(port);
  return chosen;
}

function isFree(agent: AgentOffer, port: number): boolean {
  return agent.free.ports.some(([first, last]) => first <= port && port <= last);
}

/** Takes the launch out of what the agent offers, so that the next instance sees the rest. */
export function take(agent: AgentOffer, record: ClusterRecord, instance: Instance, home: Home): void {
  const footprint = agent.footprints.find((f) => isOf(f, record, instance));
  const used = toReserve(record.spec.size, footprint);
  agent.free = {
    cpus: round3(agent.free.cpus - used.cpus),
    memMb: agent.free.memMb - used.memMb,
    diskMb: agent.free.diskMb - used.diskMb,
    ports: [home.port, home.httpPort].reduce(withoutPort, agent.free.ports),
  };
  agent.footprints = agent.footprints.filter((f) => f !== footprint);
}

/** The ranges without this port. */
export function withoutPort(ranges: [number, number][], port: number): [number, number][] {
  return ranges.flatMap(([first, last]): [number, number][] => {
    if (port < first || port > last) return [[first, last]];
    const pieces: [number, number][] = [
      [first, port - 1],
      [port + 1, last],
    ];
    return pieces.filter(([a, b]) => a <= b);
  });
}

export function isOf(footprint: Footprint, record: ClusterRecord, instance: Instance): boolean {
  return footprint.clusterUid === record.uid && footprint.instance === instance.id;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
