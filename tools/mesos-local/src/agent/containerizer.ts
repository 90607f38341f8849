import { accessSync, constants, statSync } from 'node:fs';
import type { KeeperClient } from '../keeper/keeper-client.ts';
import type { AgentConfig } from './config.ts';
import { executorEnvironment } from './environment.ts';
import { FetchCache } from './fetch-cache.ts';
import { fetchAll, FetchRefused } from './fetcher.ts';
import type { AgentExecutor, AgentFramework } from './model.ts';
import type { User } from './users.ts';

/** The executor's container could not be started: the reason its tasks get, and its raw wait status. */
export class LaunchError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(message: string, status: number, reason = 'REASON_CONTAINER_LAUNCH_FAILED') {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

const EXIT_1 = 256;
/** What Mesos 1.12 reports for a `shell: false` command that cannot be executed. */
const CANNOT_EXECUTE = 256_256;

/** Fetches and starts executors on the machine itself: no isolation, real processes. */
export class Containerizer {
  readonly #config: AgentConfig;
  readonly #keeper: KeeperClient;
  readonly #cache: FetchCache;

  constructor(config: AgentConfig, keeper: KeeperClient) {
    this.#config = config;
    this.#keeper = keeper;
    this.#cache = new FetchCache(config.fetcherCacheDir, config.fetcherCacheBytes);
  }

  async fetch(executor: AgentExecutor, user: User | undefined): Promise<void> {
    const uris = executor.info.command?.uris ?? [];
    try {
      await fetchAll({
        uris,
        sandbox: executor.sandbox,
        user,
        cache: this.#cache,
        download: { hadoopClient: this.#config.hadoopClient, signal: executor.abort.signal },
      });
    } catch (error) {
      if (error instanceof FetchRefused)
        throw new LaunchError(`Failed to launch container: ${error.message}`, EXIT_1);
      const how = executor.abort.signal.aborted ? 'terminated with signal Killed' : 'exited with status 1';
      const message = `Failed to launch container: Failed to fetch all URIs for container '${executor.containerId}': ${how}`;
      throw new LaunchError(message, executor.abort.signal.aborted ? 9 : EXIT_1);
    }
  }

  /** Starts the command as the user, in the sandbox; resolves with its pid. */
  async start(
    executor: AgentExecutor,
    framework: AgentFramework,
    agentId: string,
    user: User | undefined,
  ): Promise<number> {
    const command = executor.info.command ?? {};
    const argv = command.shell === false ? this.#plainCommand(executor) : ['sh', '-c', command.value ?? ''];
    const become = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'] : [];
    const grace = executor.info.shutdown_grace_period;
    const env = executorEnvironment({
      ip: this.#config.ip,
      port: this.#config.port,
      agentId,
      framework: framework.info,
      executor: executor.info,
      sandbox: executor.sandbox,
      recoveryTimeoutMs: this.#config.recoveryTimeoutMs,
      reregistrationTimeoutMs: this.#config.executorReregistrationTimeoutMs,
      shutdownGraceMs: grace ? grace.nanoseconds / 1e6 : this.#config.executorShutdownGraceMs,
    });
    return this.#keeper.run({
      key: executor.containerId,
      // Nothing an executor is outlives the keeper, not even a keeper that was killed.
      argv: ['setpriv', ...become, '--pdeathsig=KILL', '--', ...argv],
      cwd: executor.sandbox,
      env,
      stdout: `${executor.sandbox}/stdout`,
      stderr: `${executor.sandbox}/stderr`,
    });
  }

  /** Without a shell `value` is the program and `arguments` start with its name. */
  #plainCommand(executor: AgentExecutor): string[] {
    const { value = '', arguments: args = [] } = executor.info.command ?? {};
    if (value.includes('/')) {
      const file = value.startsWith('/') ? value : `${executor.sandbox}/${value}`;
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isDirectory()) throw new Error('a directory');
      } catch {
        throw new LaunchError('Executor terminated', CANNOT_EXECUTE, 'REASON_EXECUTOR_TERMINATED');
      }
    }
    return [value, ...args.slice(1)];
  }

  kill(executor: AgentExecutor): void {
    executor.abort.abort();
    this.#keeper.kill(executor.containerId);
  }

  isAlive(containerId: string): boolean {
    return this.#keeper.running.has(containerId);
  }
}
