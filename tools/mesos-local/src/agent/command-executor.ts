import { spawn, type ChildProcess } from 'node:child_process';
import { request, type IncomingMessage } from 'node:http';
import type { CommandInfo, TaskInfo } from '../messages.ts';
import { newUuidBytes } from '../uuid.ts';

/**
 * The built-in executor of tasks that bring a command instead of an executor, as a process of its own:
 * one task, its command's exit is the task's.
 */
interface ExecutorEvent {
  type: string;
  launch?: { task: TaskInfo };
  acknowledged?: { uuid: string };
}

const KILL_GRACE_MS = 3000;

class CommandExecutor {
  readonly #endpoint = process.env['MESOS_AGENT_ENDPOINT']!.split(':');
  readonly #identity = {
    framework_id: { value: process.env['MESOS_FRAMEWORK_ID'] },
    executor_id: { value: process.env['MESOS_EXECUTOR_ID'] },
  };
  #task: TaskInfo | undefined;
  #child: ChildProcess | undefined;
  #killed = false;
  #lastUpdate = '';

  start(): void {
    const subscribe = { unacknowledged_tasks: [], unacknowledged_updates: [] };
    this.#post({ type: 'SUBSCRIBE', subscribe }, (response) => {
      let pending = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
          const length = Number(pending.subarray(0, end).toString());
          if (pending.length < end + 1 + length) return;
          this.#handle(
            JSON.parse(pending.subarray(end + 1, end + 1 + length).toString('utf8')) as ExecutorEvent,
          );
          pending = pending.subarray(end + 1 + length);
        }
      });
      response.on('end', () => process.exit(1));
    });
  }

  #post(call: object, onResponse: (response: IncomingMessage) => void): void {
    const [host, port] = this.#endpoint;
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const sent = request(
      { host, port, path: '/api/v1/executor', method: 'POST', headers, agent: false },
      onResponse,
    );
    sent.on('error', () => process.exit(1));
    sent.end(JSON.stringify({ ...this.#identity, ...call }));
  }

  #update(state: string, message?: string): void {
    this.#lastUpdate = newUuidBytes();
    const status = {
      task_id: this.#task!.task_id,
      executor_id: this.#identity.executor_id,
      state,
      source: 'SOURCE_EXECUTOR',
      timestamp: Date.now() / 1000,
      uuid: this.#lastUpdate,
      ...(message !== undefined && { message }),
    };
    this.#post({ type: 'UPDATE', update: { status } }, (response) => response.resume());
  }

  #handle(event: ExecutorEvent): void {
    if (event.launch) this.#launch(event.launch.task);
    if (event.type === 'KILL' || event.type === 'SHUTDOWN') this.#kill();
    if (event.acknowledged?.uuid === this.#lastUpdate && this.#child?.exitCode !== null) process.exit(0);
  }

  #launch(task: TaskInfo): void {
    this.#task = task;
    this.#update('TASK_STARTING');
    const { value = '', shell, arguments: args = [] }: CommandInfo = task.command ?? {};
    this.#child =
      shell === false
        ? spawn(value, args.slice(1), { stdio: 'inherit' })
        : spawn('sh', ['-c', value], { stdio: 'inherit' });
    this.#child.once('error', (error) => this.#update('TASK_FAILED', error.message));
    this.#child.once('spawn', () => this.#update('TASK_RUNNING'));
    this.#child.once('exit', (code, signal) => this.#exited(code, signal));
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const message = signal
      ? `Command terminated with signal ${signal}`
      : `Command exited with status ${code}`;
    this.#update(this.#killed ? 'TASK_KILLED' : code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED', message);
  }

  #kill(): void {
    if (this.#killed || !this.#child) return;
    this.#killed = true;
    this.#update('TASK_KILLING');
    this.#child.kill('SIGTERM');
    setTimeout(() => this.#child?.kill('SIGKILL'), KILL_GRACE_MS);
  }
}

/** The `command-executor` role; everything it needs stands in its environment. */
export function runCommandExecutor(): Promise<void> {
  new CommandExecutor().start();
  return Promise.resolve();
}
