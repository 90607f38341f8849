import type { Context } from '../context.ts';
import { listText, statusText } from '../text.ts';
import { waitFor, type WaitOptions } from '../wait.ts';

export async function list(context: Context): Promise<void> {
  const answer = await context.api().list({ signal: context.terminal.signal });
  const standIn = answer.mesos.stand_in ? '\n\nThe Mesos behind this scheduler is the local stand-in.' : '';
  context.print(answer, listText(answer.clusters) + standIn);
}

export async function status(context: Context, name: string): Promise<void> {
  const cluster = await context.api().get(name, { signal: context.terminal.signal });
  context.print(cluster, statusText(cluster));
}

export async function wait(context: Context, name: string, options: WaitOptions): Promise<void> {
  const cluster = await waitFor(context, name, options);
  if (cluster) context.print(cluster, statusText(cluster));
  else context.print({ name, deleted: true }, `Nothing is left of ${name}.`);
}
