/**
 * What is done with everything that is offered: which instance starts where, and which reservations are given back.
 * Works on agents as Cotton sees them; the scheduler translates to and from Mesos resources. First come, first served;
 * one member of a cluster per agent.
 */
import { taskId, volumeId } from './identity.ts';
import type { AgentOffer } from './agent-offer.ts';
import { choosePorts, isOf, shortageOn, take, withoutPort } from './agent-offer.ts';
import { awaitsRelease, showsWhatIsLeft, wantsTask } from './membership.ts';
import type { ClusterRecord, Home, Instance } from './record.ts';
import { releaseUnwanted, type Release } from './release.ts';

export interface Launch {
  clusterUid: string;
  instance: string;
  agentId: string;
  taskId: string;
  home: Home;
  createVolume: boolean;
}

export interface Placement {
  launches: Launch[];
  releases: Release[];
  /** Agents whose offers are worth keeping a moment: the rest of a reservation may follow in another offer. */
  hold: Set<string>;
  /** Why instances that should run do not, by instance; for people. */
  waiting: Map<string, string>;
  /** Something of a removed instance may still be reserved on an agent that offers. */
  awaitsRelease: boolean;
  /** When the next instance may be retried, or null. */
  retryAtMs: number | null;
}

/**
 * Decides about everything that is offered right now. Records are served in order of creation. Of clusters in `unheard`
 * none is started without data, and nothing is given back: the record may be an old copy.
 */
export function place(
  records: readonly ClusterRecord[],
  offers: readonly AgentOffer[],
  nowMs: number,
  unheard: ReadonlySet<string> = new Set(),
): Placement {
  const isUnheard = (uid: string): boolean =>
    unheard.has(uid) && records.some((r) => r.uid === uid && r.phase !== 'deleting');
  const unwanted = releaseUnwanted(records, offers);
  const placement: Placement = {
    launches: [],
    releases: unwanted.filter(({ clusterUid }) => !isUnheard(clusterUid)),
    hold: new Set(),
    waiting: new Map(),
    awaitsRelease:
      unwanted.some(({ clusterUid }) => isUnheard(clusterUid)) ||
      records.some((r) => r.instances.some((i) => mayBeOffered(i, offers))),
    retryAtMs: null,
  };
  const agents = offers.map((offer) => ({ ...offer, free: withoutTakenPorts(offer, records) }));
  const byAge = [...records].sort((a, b) => a.createdAtMs - b.createdAtMs || (a.uid < b.uid ? -1 : 1));
  for (const record of byAge) {
    let current = record;
    const wanting = record.instances.filter((i) => wantsTask(current, i));
    const isHeld = (i: Instance): boolean => isUnheard(record.uid) && !i.task && !i.home?.seeded;
    for (const { id } of wanting.filter(isHeld))
      placement.waiting.set(id, `${id} waits until members have had time to come back to ZooKeeper`);
    for (const instance of wanting.filter((i) => !isHeld(i))) {
      const launch = placeInstance(current, instance, agents, nowMs, placement);
      if (!launch) continue;
      placement.launches.push(launch);
      // What a failed launch has left where it was before is given back with the next offer from there.
      if (instance.home && instance.home.agentId !== launch.agentId) placement.awaitsRelease = true;
      current = applyLaunch(current, launch, nowMs);
    }
  }
  placement.releases = placement.releases.filter((r) => !placement.launches.some((l) => standsOn(l, r)));
  return placement;
}

/** It starts on what was to be given back. The next look tells what of that is too much. */
function standsOn({ clusterUid, instance, agentId, home }: Launch, release: Release): boolean {
  const isThere =
    release.clusterUid === clusterUid && release.instance === instance && release.agentId === agentId;
  return isThere && (release.rest || release.volumeIds.includes(home.volumeId));
}

/** An agent that is away is not waited for by short refusals: when it is back, what it has is offered anew. */
function mayBeOffered(instance: Instance, offers: readonly AgentOffer[]): boolean {
  return awaitsRelease(instance) && offers.some((agent) => showsWhatIsLeft(instance, agent));
}

/** Agents that share an address share its ports, whatever each of them offers. */
function withoutTakenPorts(agent: AgentOffer, records: readonly ClusterRecord[]): AgentOffer['free'] {
  const homes = records.flatMap((r) => r.instances.flatMap((i) => i.home ?? []));
  return homes.filter((home) => isBeside(home, agent)).reduce(withoutPortsOf, agent.free);
}

function isBeside(home: Home, agent: AgentOffer): boolean {
  const ipOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));
  return (
    home.agentId !== agent.agentId && ipOf(home.address) !== '' && ipOf(home.address) === ipOf(agent.address)
  );
}

function withoutPortsOf(free: AgentOffer['free'], { port, httpPort }: Home): AgentOffer['free'] {
  return { ...free, ports: [port, httpPort].reduce(withoutPort, free.ports) };
}

/** The record after a launch was decided. Persist it before the ACCEPT: a crash between them costs one lost task id. */
export function applyLaunch(record: ClusterRecord, launch: Launch, nowMs: number): ClusterRecord {
  return {
    ...record,
    instances: record.instances.map((i) =>
      i.id === launch.instance
        ? {
            ...i,
            attempts: i.attempts + 1,
            home: launch.home,
            task: {
              id: launch.taskId,
              agentId: launch.agentId,
              state: 'launching',
              startedAtMs: nowMs,
              message: '',
            },
          }
        : i,
    ),
  };
}

function placeInstance(
  record: ClusterRecord,
  instance: Instance,
  agents: AgentOffer[],
  nowMs: number,
  placement: Placement,
): Launch | undefined {
  const key = instance.id;
  const own = agents.find((a) => ownVolume(instance, a));
  if (instance.task && !supersededBy(instance, own)) return undefined;
  if (instance.retryAtMs > nowMs) {
    placement.retryAtMs = Math.min(placement.retryAtMs ?? Infinity, instance.retryAtMs);
    placement.waiting.set(
      key,
      `${key} failed ${instance.failures} times and is tried again soon: ${instance.lastFailure}`,
    );
    if (own) placement.hold.add(own.agentId);
    return undefined;
  }
  const found = instance.home?.seeded
    ? relaunch(record, instance, own, agents, placement)
    : findSite(record, instance, agents);
  if (typeof found === 'string') {
    placement.waiting.set(key, found);
    return undefined;
  }
  take(found.agent, record, instance, found.home);
  for (const agent of agents)
    if (isBeside(found.home, agent)) agent.free = withoutPortsOf(agent.free, found.home);
  return toLaunch(record, instance, found);
}

/**
 * The instance's volume is offered by an agent other than the task's: the agent came back under a new id, so the
 * task is no longer any master's. The executor that may still run there is held off by the lock in the volume.
 */
function supersededBy(instance: Instance, own: AgentOffer | undefined): boolean {
  if (!instance.task || !own) return false;
  return instance.task.state === 'unreachable' || own.agentId !== instance.task.agentId;
}

function ownVolume(instance: Instance, agent: AgentOffer): boolean {
  return agent.footprints.some(
    (f) =>
      f.instance === instance.id && instance.home !== null && f.volumeIds.includes(instance.home.volumeId),
  );
}

interface Site {
  agent: AgentOffer;
  home: Home;
  createVolume: boolean;
}

function relaunch(
  record: ClusterRecord,
  instance: Instance,
  own: AgentOffer | undefined,
  agents: AgentOffer[],
  placement: Placement,
): Site | string {
  const home = instance.home;
  if (!home || !own) {
    const partial = agents.find((a) => a.footprints.some((f) => isOf(f, record, instance)));
    if (partial) placement.hold.add(partial.agentId);
    return `${instance.id} waits for its volume on agent ${home?.hostname ?? '?'}`;
  }
  const shortage = shortageOn(own, record, instance, [home.port, home.httpPort]);
  if (shortage) placement.hold.add(own.agentId);
  return shortage
    ? `${instance.id} waits for ${shortage} on agent ${own.hostname}`
    : {
        agent: own,
        home: { ...home, agentId: own.agentId, hostname: own.hostname, address: own.address },
        createVolume: false,
      };
}

/** A place for an instance that has no data yet: of the agents that can hold it, the emptiest. */
function findSite(record: ClusterRecord, instance: Instance, agents: AgentOffer[]): Site | string {
  const allowed = agents.filter((a) => !hasOtherMember(record, instance, a));
  const able = allowed.filter((a) => !shortageOn(a, record, instance, null));
  const agent = able.sort((a, b) => b.free.memMb - a.free.memMb || (a.agentId < b.agentId ? -1 : 1))[0];
  if (agent) return newSite(record, instance, agent);
  if (agents.length === 0) return `${instance.id} waits for an offer`;
  if (allowed.length === 0)
    return `${instance.id} waits for an agent that has no member of ${record.name} yet`;
  const lacks = allowed.map((a) => `${a.hostname} lacks ${shortageOn(a, record, instance, null)}`);
  return `${instance.id} waits for resources: ${lacks.slice(0, 3).join('; ')}`;
}

function newSite(record: ClusterRecord, instance: Instance, agent: AgentOffer): Site {
  const footprint = agent.footprints.find((f) => isOf(f, record, instance));
  const [port = 0, httpPort = 0] = choosePorts(agent, footprint);
  const { agentId, hostname, address } = agent;
  const left = footprint?.volumeIds ?? [];
  const existing = left.find((id) => id === instance.home?.volumeId) ?? left[0] ?? null;
  const fresh = `${volumeId(record.uid, instance.ordinal)}-${instance.attempts + 1}`;
  const home = { agentId, hostname, address, port, httpPort, volumeId: existing ?? fresh, seeded: false };
  return { agent, home, createVolume: existing === null };
}

/** Agents are compared by id and by address, because one may come back under a new id while the old task runs on. */
function hasOtherMember(record: ClusterRecord, instance: Instance, agent: AgentOffer): boolean {
  return record.instances.some(
    ({ id, home }) =>
      id !== instance.id &&
      home !== null &&
      (home.agentId === agent.agentId || (home.address !== '' && home.address === agent.address)),
  );
}

function toLaunch(record: ClusterRecord, instance: Instance, site: Site): Launch {
  return {
    clusterUid: record.uid,
    instance: instance.id,
    agentId: site.agent.agentId,
    taskId: taskId(record.uid, instance.id, instance.attempts + 1),
    home: site.home,
    createVolume: site.createVolume,
  };
}
