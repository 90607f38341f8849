import { randomUUID } from 'node:crypto';
import type { ExecutorInfo } from '../messages.ts';
import { LaunchError } from './containerizer.ts';
import type { AgentContext } from './context.ts';
import type { AgentExecutor, AgentFramework, PendingTermination } from './model.ts';
import { TERMINATED } from './own-status.ts';
import { createSandbox, linkVolumes, resolveUser, SandboxError } from './sandbox.ts';

/** A fresh executor with a container id of its own; nothing of it is on disk yet. */
export function newExecutor(
  context: AgentContext,
  framework: AgentFramework,
  info: ExecutorInfo,
): AgentExecutor {
  const containerId = randomUUID();
  const id = info.executor_id.value;
  const command = { ...info.command, user: info.command?.user ?? framework.info.user };
  return {
    id,
    frameworkId: framework.id,
    info: { ...info, framework_id: { value: framework.id }, command },
    containerId,
    sandbox: context.paths.sandbox(context.agentId, framework.id, id, containerId),
    state: 'REGISTERING',
    queued: new Map(),
    queuedGroups: [],
    launched: new Map(),
    terminated: new Map(),
    abort: new AbortController(),
  };
}

/** How a launch went wrong: the raw wait status of the container and what its tasks are told. */
export interface LaunchFailure {
  status: number;
  why: PendingTermination;
}

/** Sandbox, volumes, fetch, start. `undefined` when the process runs. */
export async function launchExecutor(
  context: AgentContext,
  framework: AgentFramework,
  executor: AgentExecutor,
): Promise<LaunchFailure | undefined> {
  const { checkpoint, config, containerizer, paths } = context;
  try {
    const user = resolveUser(config.switchUser ? executor.info.command?.user : undefined, executor.sandbox);
    createSandbox(executor.sandbox, user);
    // Only now: an executor without a directory must not be found by recovery.
    if (framework.info.checkpoint) checkpoint.saveExecutor(executor);
    const ofTasks = [...executor.queued.values()].flatMap((task) => task.resources ?? []);
    linkVolumes(paths, executor.sandbox, [...(executor.info.resources ?? []), ...ofTasks], user);
    await containerizer.fetch(executor, user);
    // It may have been given up while it was fetching.
    if (executor.state !== 'REGISTERING') throw new LaunchError(TERMINATED.message, 9, TERMINATED.reason);
    executor.pid = await containerizer.start(executor, framework, context.agentId, user);
    return undefined;
  } catch (error) {
    return failure(error as Error);
  }
}

function failure(error: Error): LaunchFailure {
  const { message } = error;
  if (error instanceof SandboxError)
    return { status: -1, why: { state: 'TASK_DROPPED', reason: TERMINATED.reason, message } };
  const reason = error instanceof LaunchError ? error.reason : 'REASON_CONTAINER_LAUNCH_FAILED';
  const status = error instanceof LaunchError ? error.status : 256;
  return { status, why: { state: 'TASK_FAILED', reason, message } };
}
