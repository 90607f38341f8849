/** What people may ask of a cluster, as changes of its record. */
import { startElection } from './election.ts';
import type { Observation } from './evidence.ts';
import type { ClusterRecord, Durability, PromotionPreference } from './record.ts';

/** Grow or shrink; `decide` then adds or removes instances one by one. */
export function resizeCluster(record: ClusterRecord, nodes: number): ClusterRecord {
  return record.spec.nodes === nodes ? record : { ...record, spec: { ...record.spec, nodes } };
}

/** Irreversible: persisted first, so that a scheduler that fails over goes on deleting. */
export function deleteCluster(record: ClusterRecord): ClusterRecord {
  return record.phase === 'deleting'
    ? record
    : {
        ...record,
        phase: 'deleting',
        primary: null,
        election: null,
        switchover: null,
        electorate: [],
        barred: {},
        detachedSinceMs: {},
      };
}

/** A new cluster-wide preference; `decide` then changes the electorate step by step. */
export function setDurability(record: ClusterRecord, durability: Partial<Durability>): ClusterRecord {
  return { ...record, spec: { ...record.spec, durability: { ...record.spec.durability, ...durability } } };
}

/** No automatic failover from now on, or again. */
export function setHold(record: ClusterRecord, hold: boolean): ClusterRecord {
  return { ...record, spec: { ...record.spec, hold } };
}

export function setPromotion(
  record: ClusterRecord,
  instance: string,
  preference: PromotionPreference,
): ClusterRecord {
  const promotion = { ...record.spec.promotion, [instance]: preference };
  return { ...record, spec: { ...record.spec, promotion } };
}

export interface FailoverRequest {
  /** Whom to prefer, when it holds enough. */
  to: string | undefined;
  /** If reports stay away, go on with the best of those that answer: acknowledged writes may be lost, and this is recorded. */
  force: boolean;
}

/**
 * Deposes the primary and elects, or, where an election is waiting already, lets it go on with `force`. Works under
 * `hold`, too.
 */
export function failOver(
  record: ClusterRecord,
  { to, force }: FailoverRequest,
  seen: Observation,
): ClusterRecord {
  if (record.phase === 'forming' || record.phase === 'deleting') return record;
  const electing =
    record.phase === 'electing' ? record : startElection(record, 'an operator asked for it', seen);
  const election = electing.election && {
    ...electing.election,
    wanted: to ?? electing.election.wanted,
    forced: force || electing.election.forced,
  };
  return { ...electing, election };
}
