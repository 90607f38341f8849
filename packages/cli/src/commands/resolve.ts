import { resolveUrl } from '@cotton/coordination';
import { isZooKeeperError } from '@cotton/zookeeper';
import type { Context } from '../context.ts';
import { CliError } from '../error.ts';
import { table } from '../text.ts';

/** Reads a cluster's ServerSets from ZooKeeper: by its `zk://…` address, or by its name through the API. */
export async function resolve(context: Context, target: string): Promise<void> {
  const url = target.startsWith('zk://') ? target : await clusterUrl(context, target);
  const found = await resolveUrl(url).catch((cause: Error) => {
    const exit = isZooKeeperError(cause, 'invalid') ? 'usage' : 'unreachable';
    throw new CliError('zookeeper', `Cannot read discovery: ${cause.message}`, { exit, cause });
  });
  if (!found) throw new CliError('not_found', `Nothing is published for ${target}`);
  const rows = [
    ...(found.primary ? [['primary', `${found.primary.host}:${found.primary.port}`]] : []),
    ...found.replicas.map(({ host, port }) => ['replica', `${host}:${port}`]),
  ];
  context.print(
    { cluster_url: url, ...found },
    rows.length > 0 ? table(rows) : 'No member serves at the moment.',
  );
}

async function clusterUrl(context: Context, name: string): Promise<string> {
  const cluster = await context.api().get(name, { signal: context.terminal.signal });
  return cluster.cluster_url;
}
