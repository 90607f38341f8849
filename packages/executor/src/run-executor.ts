/** The executor process: one connection to its agent, one task, one mysqld. */
import { parseTaskData, type TaskData } from '@cotton/core';
import { createLog, type Log } from '@cotton/log';
import { ExecutorConnection, type ExecutorConnectionEvent } from '@cotton/mesos';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type AgentEnvironment, readAgentEnvironment } from './agent-environment.ts';
import { describeError, ExecutorError } from './error.ts';
import type { PackageInstaller } from './installer.ts';
import { TaskReporter } from './task-reporter.ts';
import { TaskRun } from './task-run.ts';

/** What "Your Cotton" may bring. */
export interface RunExecutorOptions {
  /** Instead of the installer that `--installer_args` names. */
  installer?: PackageInstaller;
  /** Files to unpack into the sandbox at launch, by relative path: my.cnf, keys, scripts. */
  files?: Record<string, string | Uint8Array>;
}

/** Exit codes of the executor. */
export const EXIT = { done: 0, failed: 1, badEnvironment: 2, abandoned: 3 } as const;

/** How long the last update may take to be acknowledged by the agent. */
const FLUSH_MS = 3_000;
const LAUNCH_TIMEOUT_MS = 60_000;

/** Runs the executor that a Mesos agent started in this process; ends the process. */
export async function runExecutor(options: RunExecutorOptions = {}): Promise<never> {
  const log = logWith();
  try {
    const environment = readAgentEnvironment(process.env);
    await unpackFiles(options.files ?? {}, environment.sandbox);
    const code = await new Executor(environment, options, log).run();
    log.info({ code }, 'executor ends');
    process.exit(code);
  } catch (error) {
    log.fatal({ err: error }, describeError(error));
    process.exit(EXIT.badEnvironment);
  }
}

class Executor {
  readonly #environment: AgentEnvironment;
  readonly #options: RunExecutorOptions;
  readonly #connection: ExecutorConnection;
  #log: Log;
  #supportsKilling = false;
  #run: TaskRun | undefined;
  #reporter: TaskReporter | undefined;
  #ending = false;
  #end: (code: number) => void = () => undefined;

  constructor(environment: AgentEnvironment, options: RunExecutorOptions, log: Log) {
    this.#environment = environment;
    this.#options = options;
    this.#log = log;
    const onEvent = (event: ExecutorConnectionEvent) => this.#onEvent(event);
    this.#connection = new ExecutorConnection({ environment: environment.mesos, onEvent });
  }

  /** The exit code, once everything has ended. */
  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => (this.#end = resolve));
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(
        signal,
        () => void this.#stop(`executor received ${signal}`, this.#environment.shutdownGraceMs),
      );
    const nothingLaunched = setTimeout(() => {
      if (this.#run) return;
      this.#log.fatal({ timeoutMs: LAUNCH_TIMEOUT_MS }, 'no task was launched');
      this.#end(EXIT.abandoned);
    }, LAUNCH_TIMEOUT_MS);
    this.#connection.start();
    const code = await ended;
    clearTimeout(nothingLaunched);
    await this.#connection.close();
    return code;
  }

  #onEvent(event: ExecutorConnectionEvent): void {
    const { shutdownGraceMs } = this.#environment;
    switch (event.type) {
      case 'subscribed':
        this.#supportsKilling =
          event.framework.capabilities?.some(({ type }) => type === 'TASK_KILLING_STATE') ?? false;
        return this.#log.info('subscribed to the agent');
      case 'launch':
        return void this.#launch(event.task.taskId.value, event.task.data);
      case 'kill':
        return void this.#stop(
          'killed on request',
          event.gracePeriodMs ?? shutdownGraceMs,
          this.#supportsKilling,
        );
      case 'shutdown':
        return void this.#stop('the agent shuts this executor down', shutdownGraceMs);
      case 'rejected':
        return void this.#abandon(`the agent knows this executor no longer: ${event.message}`);
      case 'lost':
        return void this.#abandon(`the agent is lost: ${event.reason}`);
      case 'disconnected':
        return this.#log.warn({ reason: event.reason }, 'the agent is away');
      case 'launch_group':
      case 'message':
      case 'acknowledged':
        return;
    }
  }

  async #launch(taskId: string, data: Uint8Array | undefined): Promise<void> {
    if (this.#reporter) return this.#log.warn({ taskId }, 'a second task: one executor runs one task');
    const reporter = new TaskReporter(this.#connection, taskId);
    this.#reporter = reporter;
    reporter.starting('preparing');
    try {
      const task = this.#readTask(taskId, data);
      this.#log = logWith({ cluster: task.cluster.name, instance: task.instance, task: taskId });
      this.#run = await this.#createRun(task, reporter);
      await this.#run.run();
    } catch (error) {
      await this.#fail(error);
    }
  }

  #readTask(taskId: string, data: Uint8Array | undefined): TaskData {
    const task = parseTaskData(data ?? new Uint8Array());
    if (task.taskId === taskId) return task;
    throw new ExecutorError('bad_task', `its data is for ${task.taskId}`);
  }

  async #createRun(task: TaskData, reporter: TaskReporter): Promise<TaskRun> {
    return new TaskRun({
      task,
      environment: this.#environment,
      bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
      installer: this.#options.installer,
      onPhase: (phase) => {
        this.#log.info({ phase }, 'phase');
        reporter.starting(phase);
      },
      onRunning: () => reporter.running(),
      log: this.#log,
    });
  }

  /** In order: mysqld, then the news of its end, then we. */
  async #stop(reason: string, graceMs: number, announce = false): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#log.info({ reason, graceMs }, 'stopping');
    if (announce) this.#reporter?.killing(reason);
    await this.#run?.stop(Math.min(graceMs, this.#environment.shutdownGraceMs));
    this.#reporter?.killed(reason);
    await this.#connection.flushed(FLUSH_MS);
    this.#end(EXIT.done);
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#log.error({ err: error }, 'task failed');
    this.#reporter?.failed(describeError(error));
    await this.#connection.flushed(FLUSH_MS);
    this.#end(EXIT.failed);
  }

  /** Nobody hears us any more, and the volume may be somebody else's already. */
  async #abandon(reason: string): Promise<void> {
    this.#log.fatal({ reason }, 'abandoned');
    this.#ending = true;
    await this.#run?.kill();
    this.#end(EXIT.abandoned);
  }
}

/** On standard error, which the agent keeps in the sandbox. */
function logWith(fields: Record<string, string> = {}): Log {
  return createLog({ level: process.env.COTTON_LOG_LEVEL ?? 'info', fields });
}

async function unpackFiles(files: Record<string, string | Uint8Array>, sandbox: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = resolve(sandbox, name);
    if (!path.startsWith(`${resolve(sandbox)}/`))
      throw new ExecutorError('bad_environment', `file ${name} is outside the sandbox`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: 0o600 });
  }
}
