/** What `PATCH ?dry_run=true` answers: the same steps that the core would take, without taking them. */
import type { PatchClusterPlan } from '@cotton/api';
import { adjustMembership, CLUSTER_NODES_MAX, type ClusterRecord } from '@cotton/core';
import type { ChangeInput } from '../cluster-service.ts';
import { judgeChange } from '../engine/judgements.ts';
import { refusalError } from './problems.ts';

/** @throws ApiError for what the change itself would be refused for */
export function planChange(record: ClusterRecord, change: ChangeInput): PatchClusterPlan {
  const judged = judgeChange(record, change);
  if (!judged.ok) throw refusalError(judged.refusal, record.name, judged.detail);
  const planned = untilUnchanged(judged.record);
  const before = new Map(record.instances.map((instance) => [instance.id, instance.intent]));
  const add = planned.instances.filter(({ id }) => !before.has(id)).map(({ id }) => id);
  const remove = planned.instances
    .filter(({ id, intent }) => intent === 'remove' && before.get(id) === 'run')
    .map(({ id }) => id);
  return {
    dry_run: true,
    num_nodes: { from: record.spec.nodes, to: planned.spec.nodes },
    add,
    remove,
    steps: [...add.map(addStep), ...remove.map(removeStep), ...wishes(record, planned)],
  };
}

function wishes({ spec: from }: ClusterRecord, { spec: to }: ClusterRecord): string[] {
  const changed = (['durability', 'promotion'] as const).filter(
    (key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]),
  );
  return changed.map((key) => `${key} becomes ${JSON.stringify(to[key])}`);
}

/** Membership changes one instance at a time; nothing is away, so nobody is replaced on the way. */
function untilUnchanged(record: ClusterRecord): ClusterRecord {
  const seen = {
    nowMs: 0,
    nonce: '',
    statuses: new Map(),
    fresh: new Set<string>(),
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
