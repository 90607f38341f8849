/** What `PATCH ?dry_run=true` answers: the same steps that the core would take, without taking them. */
import { adjustMembership, CLUSTER_NODES_MAX, resizeCluster, type ClusterRecord } from '@cotton/core';

export interface ResizePlan {
  dry_run: true;
  num_nodes: { from: number; to: number };
  /** Ids of the instances that would come. */
  add: string[];
  /** Ids of the instances that would go, in this order. Who goes first is decided again when it happens. */
  remove: string[];
  /** For people. */
  steps: string[];
}

export function planResize(record: ClusterRecord, nodes: number): ResizePlan {
  const planned = settle(resizeCluster(record, nodes));
  const before = new Map(record.instances.map((instance) => [instance.id, instance.intent]));
  const add = planned.instances.filter(({ id }) => !before.has(id)).map(({ id }) => id);
  const remove = planned.instances
    .filter(({ id, intent }) => intent === 'remove' && before.get(id) === 'run')
    .map(({ id }) => id);
  return {
    dry_run: true,
    num_nodes: { from: record.spec.nodes, to: nodes },
    add,
    remove,
    steps: [...add.map(addStep), ...remove.map(removeStep)],
  };
}

/** Membership changes one instance at a time; nothing is away, so nobody is replaced on the way. */
function settle(record: ClusterRecord): ClusterRecord {
  const seen = {
    nowMs: 0,
    nonce: '',
    statuses: new Map(),
    absenceCounts: false,
    memberSessionTimeoutMs: Infinity,
    replacementTimeoutMs: Infinity,
    electionTimeoutMs: Infinity,
  };
  let current = record;
  for (let turn = 0; turn <= CLUSTER_NODES_MAX; turn++) {
    const next = adjustMembership(current, seen);
    if (next === current) break;
    current = next;
  }
  return current;
}

function addStep(id: string): string {
  return `launch ${id} on an agent that has no member yet; it copies the primary's data and follows it`;
}

function removeStep(id: string): string {
  return `stop ${id}, then destroy its volume and give back its reservation`;
}
