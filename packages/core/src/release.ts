/** Which reservations are given back, and with them data: the rule stands above `unwantedOf`. */
import type { AgentOffer, Footprint } from './agent-offer.ts';
import { volumesNeeded } from './electorate.ts';
import { awaitsRelease, showsWhatIsLeft } from './membership.ts';
import type { ClusterRecord } from './record.ts';

/** DESTROY these volumes and UNRESERVE what they were made of; with `rest`, also everything else of the instance there. */
export interface Release {
  agentId: string;
  clusterUid: string;
  instance: string;
  volumeIds: string[];
  rest: boolean;
}

/** What nobody can want, of all that is offered. */
export function releaseUnwanted(records: readonly ClusterRecord[], offers: readonly AgentOffer[]): Release[] {
  const releases: Release[] = [];
  for (const agent of offers)
    for (const footprint of agent.footprints) {
      const { clusterUid, instance } = footprint;
      const record = records.find((r) => r.uid === clusterUid);
      const { volumeIds, rest } = unwantedOf(record, footprint, agent);
      if (volumeIds.length > 0 || rest)
        releases.push({ agentId: agent.agentId, clusterUid, instance, volumeIds, rest });
    }
  return releases;
}

/**
 * A volume is given back only when no instance can want it: never because something was lost or unreachable, never as
 * long as an election may need it, and never because the record does not know it: that may be an old copy.
 */
function unwantedOf(
  record: ClusterRecord | undefined,
  footprint: Footprint,
  agent: AgentOffer,
): Pick<Release, 'volumeIds' | 'rest'> {
  const nothing = { volumeIds: [], rest: false };
  if (!record) return { volumeIds: [], rest: footprint.volumeIds.length === 0 };
  // The record is an old copy: which volume an instance has, it cannot say before all have been heard.
  if (record.election?.everyone) return nothing;
  const needed = volumesNeeded(record);
  const volumeIds = footprint.volumeIds.filter((id) => !needed.has(id) && isPast(record, id));
  const isWhole = volumeIds.length === footprint.volumeIds.length;
  const instance = record.instances.find((i) => i.id === footprint.instance);
  if (!instance) return { volumeIds, rest: isWhole };
  const home = instance.home;
  if (instance.intent === 'remove') {
    const ended =
      instance.task === null ||
      showsWhatIsLeft(instance, agent) ||
      (home !== null && volumeIds.includes(home.volumeId));
    return ended ? { volumeIds, rest: isWhole } : nothing;
  }
  if (home === null) return nothing;
  const strays = volumeIds.filter((id) => id !== home.volumeId);
  const isElsewhere = home.agentId !== agent.agentId && strays.length === footprint.volumeIds.length;
  return { volumeIds: strays, rest: isElsewhere };
}

/** Made by a launch that this record knows of. */
function isPast(record: ClusterRecord, volume: string): boolean {
  const [, ordinal, attempt] = /-(\d+)-(\d+)$/.exec(volume) ?? [];
  if (ordinal === undefined || attempt === undefined || !wasGiven(record, Number(ordinal))) return false;
  const instance = record.instances.find((i) => i.ordinal === Number(ordinal));
  // Of a cluster that is to go nothing is kept.
  return !instance || record.phase === 'deleting' || Number(attempt) <= instance.attempts;
}

function wasGiven({ nextOrdinal, passedOver }: ClusterRecord, ordinal: number): boolean {
  return ordinal < nextOrdinal && !passedOver.includes(ordinal);
}

/** The record once nothing of the instance's reservation is left on its agent. */
export function applyReleased(record: ClusterRecord, instance: string): ClusterRecord {
  return {
    ...record,
    instances: record.instances.map((i) =>
      i.id === instance && awaitsRelease(i) ? { ...i, home: null, task: null } : i,
    ),
  };
}
