import { MesosError } from '../error.ts';
import { parseMasterAddress, type Origin } from '../master/address.ts';
import { parseDuration } from './duration.ts';

/** What an agent tells an executor through its environment. */
export interface ExecutorEnvironment {
  /** The agent's origin, from MESOS_AGENT_ENDPOINT. */
  agent: Origin;
  frameworkId: string;
  executorId: string;
  agentId: string;
  /** The sandbox, also the working directory. */
  sandbox: string;
  /** Whether the executor may outlive its agent's process for a while. */
  checkpoint: boolean;
  /** How long an agent may be away before the executor must end. */
  recoveryTimeoutMs: number;
  /** An agent that is back kills executors that have not subscribed again within about this time. */
  subscriptionBackoffMaxMs: number;
  /** From SHUTDOWN to SIGKILL. */
  shutdownGracePeriodMs: number;
  /** Bearer token, where agents authenticate executors. */
  authenticationToken?: string;
}

// The agent's own defaults; it sets the first two only for frameworks that checkpoint.
const DEFAULT_RECOVERY_TIMEOUT = '15mins';
const DEFAULT_BACKOFF_MAX = '2secs';
const DEFAULT_GRACE_PERIOD = '5secs';

/**
 * Reads the MESOS_* variables. Throws `option` naming everything that is missing or malformed,
 * which mostly means that no agent started this process.
 */
export function executorEnvironment(env: NodeJS.ProcessEnv = process.env): ExecutorEnvironment {
  const problems: string[] = [];
  const reader = new Reader(env, problems);
  const read: ExecutorEnvironment = {
    agent: reader.endpoint('MESOS_AGENT_ENDPOINT'),
    frameworkId: reader.text('MESOS_FRAMEWORK_ID'),
    executorId: reader.text('MESOS_EXECUTOR_ID'),
    agentId: reader.text('MESOS_SLAVE_ID'),
    sandbox: reader.text('MESOS_SANDBOX'),
    checkpoint: reader.flag('MESOS_CHECKPOINT'),
    recoveryTimeoutMs: reader.duration('MESOS_RECOVERY_TIMEOUT', DEFAULT_RECOVERY_TIMEOUT),
    subscriptionBackoffMaxMs: reader.duration('MESOS_SUBSCRIPTION_BACKOFF_MAX', DEFAULT_BACKOFF_MAX),
    shutdownGracePeriodMs: reader.duration('MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD', DEFAULT_GRACE_PERIOD),
  };
  if (problems.length > 0)
    throw new MesosError('option', `not started by a Mesos agent: ${problems.join('; ')}`);
  const token = env.MESOS_EXECUTOR_AUTHENTICATION_TOKEN;
  return token ? { ...read, authenticationToken: token } : read;
}

class Reader {
  readonly #env: NodeJS.ProcessEnv;
  readonly #problems: string[];

  constructor(env: NodeJS.ProcessEnv, problems: string[]) {
    this.#env = env;
    this.#problems = problems;
  }

  text(name: string): string {
    const value = this.#env[name] ?? '';
    if (value === '') this.#problems.push(`${name} is not set`);
    return value;
  }

  endpoint(name: string): Origin {
    const value = this.text(name);
    try {
      return value === '' ? '' : parseMasterAddress(value);
    } catch {
      this.#problems.push(`${name} is not ip:port`);
      return '';
    }
  }

  /** `1` or `0`; agents before 1.12 may have written `true`. */
  flag(name: string): boolean {
    const value = this.#env[name] ?? '0';
    if (!/^(0|1|true|false)$/.test(value)) this.#problems.push(`${name} is neither 1 nor 0`);
    return value === '1' || value === 'true';
  }

  duration(name: string, byDefault: string): number {
    const ms = parseDuration(this.#env[name] ?? byDefault);
    if (ms === undefined) this.#problems.push(`${name} is not a duration such as ${byDefault}`);
    return ms ?? 0;
  }
}
