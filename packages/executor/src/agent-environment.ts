import { executorEnvironment, type ExecutorEnvironment } from '@cotton/mesos';
import { isIP } from 'node:net';
import { describeError, ExecutorError } from './error.ts';

/** What the executor takes from the environment an agent starts it with; read once, at the door. */
export interface AgentEnvironment {
  mesos: ExecutorEnvironment;
  /** Absolute path of the sandbox, also the working directory. */
  sandbox: string;
  /** The address that the agent advertises: everything of this task listens there and nowhere else. */
  address: string;
  /** Time between SHUTDOWN and SIGKILL. */
  shutdownGraceMs: number;
  /** The organisation's my.cnf, absolute or in the sandbox; undefined: none. */
  defaultsFile: string | undefined;
}

/** @throws ExecutorError `bad_environment`, naming what is wrong */
export function readAgentEnvironment(env: NodeJS.ProcessEnv): AgentEnvironment {
  const mesos = readMesos(env);
  const address = new URL(mesos.agent).hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0)
    throw new ExecutorError('bad_environment', `MESOS_AGENT_ENDPOINT has no IP address (${mesos.agent})`);
  const { sandbox, shutdownGracePeriodMs } = mesos;
  const defaultsFile = env.COTTON_DEFAULTS_FILE === '' ? undefined : env.COTTON_DEFAULTS_FILE;
  return { mesos, sandbox, address, shutdownGraceMs: shutdownGracePeriodMs, defaultsFile };
}

function readMesos(env: NodeJS.ProcessEnv): ExecutorEnvironment {
  try {
    return executorEnvironment(env);
  } catch (cause) {
    throw new ExecutorError('bad_environment', describeError(cause), cause);
  }
}
