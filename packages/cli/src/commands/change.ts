import { parsePatchRequest, type PatchClusterPlan } from '@cotton/api';
import type { Context } from '../context.ts';
import { CliError } from '../error.ts';
import { passwordOf, type PasswordOptions } from '../password.ts';
import { printable, statusText } from '../text.ts';
import { waitFor } from '../wait.ts';

interface ChangeOptions {
  dryRun?: boolean;
  wait?: boolean;
  timeoutMs: number;
}

export async function scale(
  context: Context,
  name: string,
  nodes: string,
  options: ChangeOptions,
): Promise<void> {
  const { numNodes = 0 } = parsePatchRequest({ num_nodes: nodes });
  const api = context.api();
  const { signal } = context.terminal;
  const request = { num_nodes: numNodes };
  if (options.dryRun) {
    const plan = await api.plan(name, request, { signal });
    context.print(plan, planText(name, plan));
    return;
  }
  let cluster = await api.patch(name, request, { signal });
  if (options.wait)
    cluster =
      (await waitFor(context, name, { goal: 'ready', timeoutMs: options.timeoutMs, uid: cluster.uid })) ??
      cluster;
  context.print(cluster, statusText(cluster));
}

function planText(name: string, { num_nodes, steps }: PatchClusterPlan): string {
  const head = `Would scale ${name} from ${num_nodes.from} to ${num_nodes.to}. Nothing was changed.`;
  return [head, ...steps.map((step) => `- ${printable(step)}`)].join('\n');
}

export interface DeleteOptions extends ChangeOptions, PasswordOptions {
  yes?: boolean;
}

export async function remove(context: Context, name: string, options: DeleteOptions): Promise<void> {
  const api = context.api();
  const { signal } = context.terminal;
  const { uid, num_nodes } = await api.get(name, { signal });
  const password = await passwordOf(context, { name, uid }, options);
  if (options.dryRun) {
    const plan = { dry_run: true, name, uid, num_nodes };
    context.print(
      plan,
      `Would delete ${name} and the data of its ${num_nodes} instances. Nothing was changed.`,
    );
    return;
  }
  if (!options.yes) await confirmDeletion(context, name);
  const answer = await api.delete(name, password, { signal });
  if (options.wait) await waitFor(context, name, { goal: 'deleted', timeoutMs: options.timeoutMs, uid });
  // Only now: until the scheduler has agreed, the password is still needed.
  await context.credentials.remove(uid).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    context.terminal.err(`Warning: ${error.message}\n`);
  });
  const text = options.wait
    ? `Nothing is left of ${name}.`
    : `Cluster ${name} is being deleted; cotton wait ${name} --for deleted`;
  context.print({ name, uid, ...answer }, text);
}

/** A person may have meant another cluster; a script has said what it means. */
async function confirmDeletion({ terminal }: Context, name: string): Promise<void> {
  if (!terminal.interactive) return;
  const answer = await terminal
    .ask(`All data of ${name} will be destroyed. Type its name to go on: `)
    .catch(() => '');
  if (answer.trim() !== name) throw new CliError('interrupted', `Nothing was deleted`);
}
