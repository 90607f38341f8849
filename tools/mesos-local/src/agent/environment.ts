import type { ExecutorInfo, FrameworkInfo } from '../messages.ts';
import { printDuration } from '../flags.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface EnvironmentInput {
  ip: string;
  port: number;
  agentId: string;
  framework: FrameworkInfo;
  executor: ExecutorInfo;
  sandbox: string;
  recoveryTimeoutMs: number;
  reregistrationTimeoutMs: number;
  shutdownGraceMs: number;
}

/** The whole environment of an executor; nothing of the agent's own is inherited, not even HOME. */
export function executorEnvironment(input: EnvironmentInput): Record<string, string> {
  const declared = (input.executor.command?.environment?.variables ?? []).map(({ name, value }) => [
    name,
    value ?? '',
  ]);
  const checkpoint = input.framework.checkpoint === true;
  return {
    PATH,
    LIBPROCESS_IP: input.ip,
    LIBPROCESS_PORT: '0',
    ...(Object.fromEntries(declared) as Record<string, string>),
    MESOS_AGENT_ENDPOINT: `${input.ip}:${input.port}`,
    MESOS_CHECKPOINT: checkpoint ? '1' : '0',
    MESOS_DIRECTORY: input.sandbox,
    MESOS_EXECUTOR_ID: input.executor.executor_id.value,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: printDuration(input.shutdownGraceMs),
    MESOS_FRAMEWORK_ID: input.framework.id!.value,
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_SANDBOX: input.sandbox,
    MESOS_SLAVE_ID: input.agentId,
    MESOS_SLAVE_PID: `slave(1)@${input.ip}:${input.port}`,
    ...(checkpoint && {
      MESOS_RECOVERY_TIMEOUT: printDuration(input.recoveryTimeoutMs),
      // An executor has to be back before the agent gives it up.
      MESOS_SUBSCRIPTION_BACKOFF_MAX: printDuration(input.reregistrationTimeoutMs),
    }),
  };
}
