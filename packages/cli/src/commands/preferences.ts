/** What a cluster prefers: hold, durability, promotion. Without anything to change, each shows what there is. */
import {
  type ClusterDetail,
  type Durability,
  parsePatchRequest,
  type PatchClusterRequest,
} from '@cotton/api';
import type { Context } from '../context.ts';
import { CliError } from '../error.ts';
import { durabilityText, printable, table } from '../text.ts';

export async function hold(context: Context, name: string, word: string | undefined): Promise<void> {
  if (word !== undefined && word !== 'on' && word !== 'off')
    throw new CliError('usage', `Use on or off, not ${JSON.stringify(word)}`);
  const api = context.api();
  const { signal } = context.terminal;
  const cluster =
    word === undefined ? await api.get(name, { signal }) : await api.hold(name, word === 'on', { signal });
  context.print(cluster, `${cluster.name}: ${cluster.hold ? 'no automatic failover' : 'automatic failover'}`);
}

export interface DurabilityOptions {
  acks?: string;
  minInSync?: string;
  policy?: string;
  heartbeatBound?: string;
}

export async function durability(
  context: Context,
  name: string,
  { dryRun, ...options }: DurabilityOptions & { dryRun?: boolean },
): Promise<void> {
  const asked = durabilityRequest(options);
  const show = (cluster: ClusterDetail) => durabilityText(cluster.durability);
  await change(context, name, asked && { durability: asked }, dryRun ?? false, show);
}

/** As a request has it; undefined when nothing was asked for. The API's rules judge the values. */
export function durabilityRequest({
  acks,
  minInSync,
  policy,
  heartbeatBound,
}: DurabilityOptions): PatchClusterRequest['durability'] {
  const asked = {
    ...(acks !== undefined && { acks: acks === 'auto' ? null : numberOf(acks) }),
    ...(minInSync !== undefined && { min_in_sync: numberOf(minInSync) }),
    ...(policy !== undefined && { policy: policy as Durability['policy'] }),
    ...(heartbeatBound !== undefined && { heartbeat_bound: heartbeatBound }),
  };
  if (Object.keys(asked).length === 0) return undefined;
  parsePatchRequest({ durability: asked });
  return asked;
}

export async function promotion(
  context: Context,
  name: string,
  instance: string | undefined,
  preference: string | undefined,
): Promise<void> {
  if (instance !== undefined && preference === undefined)
    throw new CliError('usage', 'Say how: prefer, neutral, avoid or never');
  const request = instance === undefined ? undefined : { promotion: { [instance]: preference as 'prefer' } };
  if (request) parsePatchRequest(request);
  await change(context, name, request, false, ({ members, promotion: preferences }) =>
    table(members.map(({ id, role }) => [id, role, preferences[id] ?? 'neutral'])),
  );
}

async function change(
  context: Context,
  name: string,
  request: PatchClusterRequest | undefined,
  isDryRun: boolean,
  show: (cluster: ClusterDetail) => string,
): Promise<void> {
  const api = context.api();
  const { signal } = context.terminal;
  if (request && isDryRun) {
    const plan = await api.plan(name, request, { signal });
    const steps = plan.steps.map((step) => `- ${printable(step)}`);
    context.print(plan, [`Would change ${name}. Nothing was changed.`, ...steps].join('\n'));
    return;
  }
  const cluster = request ? await api.patch(name, request, { signal }) : await api.get(name, { signal });
  context.print(cluster, show(cluster));
}

function numberOf(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : NaN;
}
