/** What people may ask of a cluster, as changes of its record. */
import type { ClusterRecord } from './record.ts';

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
        inSync: [],
        ackCount: 0,
        confirmedAckCount: 0,
      };
}
