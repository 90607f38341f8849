import {
  ApiError,
  formatSize,
  newIdempotencyKey,
  parseCreateRequest,
  type CreateClusterRequest,
  type CreateClusterResponse,
} from '@cotton/api';
import type { Context } from '../context.ts';
import { readPasswordFile } from '../password.ts';
import { sizeText } from '../text.ts';
import { waitFor } from '../wait.ts';
import { durabilityRequest, type DurabilityOptions } from './preferences.ts';

export interface CreateOptions extends DurabilityOptions {
  user: string;
  numNodes: string;
  cpus: string;
  mem: string;
  disk: string;
  backupId?: string;
  passwordFile?: string;
  idempotencyKey?: string;
  dryRun?: boolean;
  wait?: boolean;
  timeoutMs: number;
}

export async function create(context: Context, name: string, options: CreateOptions): Promise<void> {
  const request = await buildRequest(options);
  if (options.dryRun) return showPlan(context, name, request);

  const { terminal } = context;
  const idempotencyKey = options.idempotencyKey ?? newIdempotencyKey();
  const made = await context.api().create(name, request, { idempotencyKey, signal: terminal.signal });
  const isKept = await keepPassword(context, made, request.cluster_user);
  for (const warning of made.warnings) terminal.err(`Warning: ${warning}\n`);
  if (options.wait)
    await waitFor(context, name, { goal: 'ready', timeoutMs: options.timeoutMs, uid: made.uid });
  context.print(made, describe(context, made, isKept, options.wait ?? false));
}

async function buildRequest(options: CreateOptions): Promise<CreateClusterRequest> {
  const password =
    options.passwordFile === undefined ? undefined : await readPasswordFile(options.passwordFile);
  const durability = durabilityRequest(options);
  // Read by the rules of the API here already: a mistake is reported without asking anyone.
  const parsed = parseCreateRequest({
    cluster_user: options.user,
    num_nodes: options.numNodes,
    size: { cpus: options.cpus, mem: options.mem, disk: options.disk },
    backup_id: options.backupId,
    ...(password === undefined ? {} : { cluster_password: password }),
  });
  return {
    cluster_user: parsed.user,
    num_nodes: parsed.numNodes,
    size: formatSize(parsed.size),
    ...(parsed.backupId === undefined ? {} : { backup_id: parsed.backupId }),
    ...(parsed.password === undefined ? {} : { cluster_password: parsed.password }),
    ...(durability && { durability }),
  };
}

async function showPlan(context: Context, name: string, request: CreateClusterRequest): Promise<void> {
  const exists = await context
    .api()
    .get(name, { signal: context.terminal.signal })
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof ApiError && error.code === 'cluster_not_found') return false;
        throw error;
      },
    );
  if (exists) throw new ApiError('cluster_exists', `A cluster ${name} exists.`);
  const { cluster_password, ...shown } = request;
  const plan = {
    dry_run: true,
    name,
    ...shown,
    password: cluster_password === undefined ? 'generated' : 'given',
  };
  const { num_nodes = 1, size, cluster_user } = request;
  const each = size ? sizeText(size) : 'the default size';
  context.print(
    plan,
    `Would create ${name}: ${num_nodes} × ${each}, user ${cluster_user}. Nothing was changed.`,
  );
}

/** The cluster exists by now: a password that cannot be kept must still reach the user. */
async function keepPassword(context: Context, made: CreateClusterResponse, user: string): Promise<boolean> {
  const { uid, name, cluster_password: password } = made;
  try {
    await context.credentials.save({ api: context.settings.apiUrls, uid, name, user, password });
    return true;
  } catch (error) {
    context.terminal.err(`Warning: the password could not be kept: ${(error as Error).message}\n`);
    return false;
  }
}

function describe(context: Context, made: CreateClusterResponse, isKept: boolean, isReady: boolean): string {
  return [
    isReady
      ? `Cluster ${made.name} is ready.`
      : `Cluster ${made.name} is being created; cotton wait ${made.name}`,
    `Discovery: ${made.cluster_url}`,
    isKept ? `Password:  kept in ${context.credentials.path}` : `Password:  ${made.cluster_password}`,
    `Connect:   cotton mysql ${made.name}`,
  ].join('\n');
}
