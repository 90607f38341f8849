/** Changes of the primary: switchover and failover. Both are waited for, because they are over soon. */
import { type ClusterDetail, parseFailoverRequest, parseSwitchoverRequest } from '@cotton/api';
import type { Context } from '../context.ts';
import { CliError } from '../error.ts';
import { optionalPassword, type PasswordOptions } from '../password.ts';
import { statusText, transitionText } from '../text.ts';
import { waitForTransition } from '../wait-transition.ts';

export interface SwitchoverOptions {
  to?: string;
  deadline?: string;
  grace?: string;
  despiteObstacles?: boolean;
  dryRun?: boolean;
  timeoutMs: number;
}

export async function switchover(context: Context, name: string, options: SwitchoverOptions): Promise<void> {
  const { to, deadline, grace, despiteObstacles, dryRun, timeoutMs } = options;
  const asked = {
    ...(to !== undefined && { to }),
    ...(deadline !== undefined && { deadline }),
    ...(grace !== undefined && { grace }),
    ...(despiteObstacles && { despite_obstacles: true }),
  };
  // Read by the rules of the API here already: a mistake is reported without asking anyone.
  parseSwitchoverRequest(asked);
  const api = context.api();
  const { signal } = context.terminal;
  if (dryRun) {
    const plan = await api.planSwitchover(name, asked, { signal });
    context.print(plan, `Would switch ${name} from ${plan.from} to ${plan.to}. Nothing was changed.`);
    return;
  }
  const { epoch } = await api.get(name, { signal });
  const begun = await api.switchover(name, { ...asked, epoch }, { signal });
  context.progress(`${name}: ${begun.from} hands over to ${begun.to}`);
  show(context, await waitForTransition(context, begun, timeoutMs), begun.transition);
}

export interface FailoverOptions extends PasswordOptions {
  to?: string;
  force?: boolean;
  yes?: boolean;
  timeoutMs: number;
}

const FORCE_WARNING =
  'With --force the election does without members that do not answer. Writes that were acknowledged, and that only they have, are lost for good. Use it only when they will not come back.';

export async function failover(context: Context, name: string, options: FailoverOptions): Promise<void> {
  const { to, force = false, timeoutMs } = options;
  const asked = { ...(to !== undefined && { to }), force };
  parseFailoverRequest(asked);
  const api = context.api();
  const { signal } = context.terminal;
  const cluster = await api.get(name, { signal });
  if (force) await confirmForce(context, cluster, options);
  const password = force ? await optionalPassword(context, cluster, options) : undefined;
  const begun = await api.failover(
    name,
    { ...asked, epoch: cluster.epoch, ...(password !== undefined && { password }) },
    { signal },
  );
  context.progress(`${name}: ${begun.from ?? 'the primary'} is deposed`);
  show(context, await waitForTransition(context, begun, timeoutMs), begun.transition);
}

/** A person has to say that it is meant; a script has to say so beforehand. */
async function confirmForce(
  { terminal }: Context,
  cluster: ClusterDetail,
  { yes }: FailoverOptions,
): Promise<void> {
  terminal.err(`${FORCE_WARNING}\n${cluster.name}: ${cluster.state}: ${cluster.reason}\n`);
  if (yes) return;
  if (!terminal.interactive) throw new CliError('usage', 'Say that you mean it: --force needs --yes here');
  const answer = await terminal.ask(`Type ${cluster.name} to go on: `).catch(() => '');
  if (answer.trim() !== cluster.name) throw new CliError('interrupted', 'Nothing was changed');
}

function show(context: Context, cluster: ClusterDetail, id: string): void {
  const ended = cluster.transitions.find((one) => one.id === id);
  if (ended?.outcome === 'rolled_back')
    throw new CliError('rolled_back', `${ended.to} did not take over: ${ended.detail}`);
  if (ended?.outcome === 'unsafe')
    context.terminal.err('Warning: acknowledged writes may be missing; see the transition.\n');
  const text = ended ? [transitionText(ended), statusText(cluster)].join('\n\n') : statusText(cluster);
  context.print(cluster, text);
}
