import type { Cluster, Lab } from '@cotton/chaos';
import type { ClusterDetail, Transition } from '@cotton/api';
import { until } from '@cotton/setup';
import { type StepTime, stepTimes } from '../arithmetic/chain.ts';
import { isSamePlace, type Sighting, type Writers } from '../load/writers.ts';
import type { FaultName, Wound } from './contender.ts';
import { readLogs } from './logs.ts';
import { FAILOVER_STEPS, failoverMilestones, SWITCHOVER_STEPS, switchoverMilestones } from './milestones.ts';

export interface StepQuestion {
  lab: Lab;
  cluster: Cluster;
  fault: FaultName;
  wound: Wound;
  writers: Writers;
}

const AUDIT_LIMIT_MS = 30_000;
const STATUS_LIMIT_MS = 5_000;

/** Where the time went, in order. @throws when the API never tells of the transition */
export async function tellSteps({ lab, cluster, fault, wound, writers }: StepQuestion): Promise<StepTime[]> {
  const { detail, transition } = await findTransition(lab, cluster.name, wound.atMs);
  const isElsewhere = (one: Sighting): boolean =>
    one.atMs >= wound.atMs && !isSamePlace(one.place, wound.from);
  const told = {
    lines: await readLogs(lab, wound.atMs),
    transition,
    tookMs: await stepsOf(detail, transition.to),
    publishedMs: writers.routed.find(isElsewhere)?.atMs,
    connectedMs: writers.connected.find(isElsewhere)?.atMs,
    writtenMs: writers.acknowledged.find(isElsewhere)?.atMs,
  };
  return fault === 'switchover'
    ? stepTimes(Object.keys(SWITCHOVER_STEPS), wound.atMs, switchoverMilestones(told))
    : stepTimes(Object.keys(FAILOVER_STEPS), wound.atMs, failoverMilestones(told));
}

/** The audit is complete a moment after clients write again. */
async function findTransition(
  lab: Lab,
  name: string,
  sinceMs: number,
): Promise<{ detail: ClusterDetail; transition: Transition }> {
  let found: { detail: ClusterDetail; transition: Transition } | undefined;
  const isTold = async (): Promise<boolean> => {
    const detail = await lab.api.get(name);
    const transition = detail.transitions.find((one) => Date.parse(one.started_at) >= Math.floor(sinceMs));
    if (transition) found = { detail, transition };
    return transition !== undefined;
  };
  await until(isTold, { limitMs: AUDIT_LIMIT_MS, what: 'the API tells of the transition' });
  if (!found) throw new Error('the API tells of no transition');
  return found;
}

/** How long the executor took for the steps of this epoch; nothing when it does not answer. */
async function stepsOf(
  { members, epoch }: ClusterDetail,
  id: string | null,
): Promise<Record<string, number | undefined>> {
  const { host, http_port } = members.find((member) => member.id === id) ?? {};
  try {
    const signal = AbortSignal.timeout(STATUS_LIMIT_MS);
    const answer = await fetch(`http://${host}:${http_port}/status`, { signal });
    const { steps } = (await answer.json()) as { steps?: EpochSteps | null };
    if (steps?.epoch !== epoch) return {};
    return Object.fromEntries(steps.steps.map(({ step, tookMs }) => [step, tookMs]));
  } catch {
    return {};
  }
}

interface EpochSteps {
  epoch: number;
  steps: readonly { step: string; tookMs: number }[];
}
