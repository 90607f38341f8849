/** What people ask of one cluster, judged against what is remembered and seen at the moment it is carried out. */
import type { ClusterRecord, Durability, Observation, PromotionPreference } from '@cotton/core';
import {
  beginSwitchover,
  failOver,
  leadOf,
  resizeCluster,
  setDurability,
  setHold,
  setPromotion,
} from '@cotton/core';
import type { ChangeInput, FailoverInput, Refused, SwitchoverInput } from '../cluster-service.ts';

/** `id`: of the election or switchover that was begun, '' for other changes. */
export type Judged = { ok: true; record: ClusterRecord; id: string } | Refused;

export function judgeChange(record: ClusterRecord, { nodes, durability, promotion }: ChangeInput): Judged {
  if (record.phase === 'deleting') return refuse('cluster_deleting');
  const stranger = Object.keys(promotion ?? {}).find((id) => !isMember(record, id));
  if (stranger !== undefined) return unknownMember(stranger);
  const resized = nodes === undefined ? record : resizeCluster(record, nodes);
  const durable = changesDurability(resized, durability) ? setDurability(resized, durability) : resized;
  const preferred = Object.entries(promotion ?? {}).filter(([id, one]) => durable.spec.promotion[id] !== one);
  return done(preferred.reduce((now, [id, one]) => setPromotion(now, id, one), durable));
}

export function judgeHold(record: ClusterRecord, on: boolean): Judged {
  if (record.phase === 'deleting') return refuse('cluster_deleting');
  return done(record.spec.hold === on ? record : setHold(record, on));
}

export function judgeSwitchover(record: ClusterRecord, input: SwitchoverInput, seen: Observation): Judged {
  const { epoch: _, ...request } = input;
  const passed = judgeTransition(record, input);
  if (passed) return passed;
  const answer = beginSwitchover(record, request, seen);
  return answer.ok
    ? done(answer.record, answer.record.switchover?.id)
    : refuse('switchover_refused', answer.reason);
}

export function judgeFailover(record: ClusterRecord, input: FailoverInput, seen: Observation): Judged {
  const passed = judgeTransition(record, input);
  if (passed) return passed;
  if (record.phase === 'forming') return refuse('failover_refused', 'there never was a primary');
  if (input.to !== undefined && input.to === record.primary?.instance && leadOf(record, seen))
    return refuse('failover_refused', `${input.to} is the primary already`);
  const electing = failOver(record, input, seen);
  return done(electing, electing.election?.id);
}

function judgeTransition(
  record: ClusterRecord,
  { to, epoch }: { to: string | undefined; epoch: number | undefined },
): Refused | undefined {
  if (record.phase === 'deleting') return refuse('cluster_deleting');
  if (epoch !== undefined && epoch !== record.epoch)
    return refuse('epoch_passed', `The cluster is in epoch ${record.epoch}, not in ${epoch}.`);
  return to === undefined || isMember(record, to) ? undefined : unknownMember(to);
}

function changesDurability(
  { spec }: ClusterRecord,
  durability: Partial<Durability> | undefined,
): durability is Partial<Durability> {
  const { durability: now } = spec;
  return Object.entries(durability ?? {}).some(([key, value]) => now[key as keyof Durability] !== value);
}

function isMember(record: ClusterRecord, id: string): boolean {
  return record.instances.some((instance) => instance.id === id);
}

/** The instances that a cluster starts with. */
export function preferencesFor(
  ids: readonly string[],
  promotion: Record<string, PromotionPreference>,
): Refused | undefined {
  const stranger = Object.keys(promotion).find((id) => !ids.includes(id));
  return stranger === undefined ? undefined : unknownMember(stranger);
}

function unknownMember(id: string): Refused {
  return refuse('member_not_found', `There is no instance '${id}' in this cluster.`);
}

function done(record: ClusterRecord, id = ''): Judged {
  return { ok: true, record, id };
}

function refuse(refusal: Refused['refusal'], detail?: string): Refused {
  return { ok: false, refusal, ...(detail !== undefined && { detail }) };
}
