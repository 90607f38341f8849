import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { readJson, writeJson } from '../atomic-file.ts';
import type { AgentInfo, FrameworkInfo, ExecutorInfo, TaskInfo, TaskStatus } from '../messages.ts';
import type { Resource } from '../resources/types.ts';
import type { AgentExecutor } from './model.ts';
import type { AgentPaths } from './paths.ts';
import type { UpdateJournal } from './status-updates.ts';

type JournalLine = { update: TaskStatus } | { acknowledged: string };

export interface SavedTask {
  info: TaskInfo;
  updates: TaskStatus[];
  acknowledged: Set<string>;
}

export interface SavedExecutor {
  info: ExecutorInfo;
  containerId: string;
  /** Its process was seen to end before the agent did. */
  ended: boolean;
  tasks: SavedTask[];
}

export interface SavedFramework {
  info: FrameworkInfo;
  executors: SavedExecutor[];
}

export interface SavedAgent {
  info: AgentInfo & { id: { value: string } };
  frameworks: SavedFramework[];
}

const entriesOf = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};

function pointAt(link: string, target: string): void {
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

/**
 * What the agent must know after a restart, under `<work_dir>/meta` in Mesos' layout (JSON where Mesos
 * has protobuf). Only frameworks with `checkpoint` are written; a crash between two writes leaves an
 * executor without tasks or a task without updates, and recovery treats both as "never got there".
 */
export class Checkpoint {
  readonly #paths: AgentPaths;
  #agentId = '';

  constructor(paths: AgentPaths) {
    this.#paths = paths;
  }

  saveAgent(info: AgentInfo & { id: { value: string } }): void {
    this.#agentId = info.id.value;
    const directory = this.#paths.agentMeta(this.#agentId);
    writeJson(join(directory, 'slave.info'), info);
    pointAt(this.#paths.latestAgent, directory);
  }

  saveBootId(bootId: string): void {
    mkdirSync(join(this.#paths.bootId, '..'), { recursive: true });
    writeFileSync(this.#paths.bootId, bootId);
  }

  savedBootId(): string | undefined {
    return existsSync(this.#paths.bootId) ? readFileSync(this.#paths.bootId, 'utf8').trim() : undefined;
  }

  saveResources(checkpointed: Resource[]): void {
    writeJson(this.#paths.resources, checkpointed);
  }

  savedResources(): Resource[] {
    return readJson<Resource[]>(this.#paths.resources) ?? [];
  }

  saveFramework(info: FrameworkInfo): void {
    writeJson(join(this.#paths.frameworkMeta(this.#agentId, info.id!.value), 'framework.info'), info);
  }

  removeFramework(frameworkId: string): void {
    rmSync(this.#paths.frameworkMeta(this.#agentId, frameworkId), { recursive: true, force: true });
  }

  #run(executor: AgentExecutor): string {
    return this.#paths.runMeta(this.#agentId, executor.frameworkId, executor.id, executor.containerId);
  }

  saveExecutor(executor: AgentExecutor): void {
    const run = this.#run(executor);
    mkdirSync(run, { recursive: true });
    writeJson(join(run, '..', '..', 'executor.info'), executor.info);
    pointAt(join(run, '..', 'latest'), run);
  }

  markEnded(executor: AgentExecutor): void {
    const run = this.#run(executor);
    if (existsSync(run)) writeFileSync(join(run, 'executor.sentinel'), '');
  }

  removeExecutor(executor: AgentExecutor): void {
    rmSync(this.#paths.executorMeta(this.#agentId, executor.frameworkId, executor.id), {
      recursive: true,
      force: true,
    });
  }

  saveTask(executor: AgentExecutor, task: TaskInfo): void {
    writeJson(join(this.#paths.taskMeta(this.#run(executor), task.task_id.value), 'task.info'), task);
  }

  journal(executor: AgentExecutor, taskId: string): UpdateJournal {
    const directory = this.#paths.taskMeta(this.#run(executor), taskId);
    const append = (line: JournalLine) => {
      mkdirSync(directory, { recursive: true });
      appendFileSync(join(directory, 'task.updates'), `${JSON.stringify(line)}\n`);
    };
    return {
      update: (status) => append({ update: status }),
      acknowledged: (uuid) => append({ acknowledged: uuid }),
    };
  }

  /** What the last run of the agent left; `undefined` for a fresh work directory or one without `latest`. */
  recover(): SavedAgent | undefined {
    if (!lstatSync(this.#paths.latestAgent, { throwIfNoEntry: false })) return undefined;
    const directory = this.#paths.agentMeta(basename(readlinkSync(this.#paths.latestAgent)));
    const info = readJson<SavedAgent['info']>(join(directory, 'slave.info'));
    if (!info) return undefined;
    this.#agentId = info.id.value;
    const frameworks = entriesOf(join(directory, 'frameworks')).flatMap(
      (id) => this.#readFramework(id) ?? [],
    );
    return { info, frameworks };
  }

  #readFramework(id: string): SavedFramework | undefined {
    const directory = this.#paths.frameworkMeta(this.#agentId, id);
    const info = readJson<FrameworkInfo>(join(directory, 'framework.info'));
    if (!info) return undefined;
    const executors = entriesOf(join(directory, 'executors')).flatMap(
      (name) => readExecutor(join(directory, 'executors', name)) ?? [],
    );
    return { info, executors };
  }
}

function readExecutor(directory: string): SavedExecutor | undefined {
  const info = readJson<ExecutorInfo>(join(directory, 'executor.info'));
  const latest = join(directory, 'runs', 'latest');
  if (!info || !lstatSync(latest, { throwIfNoEntry: false })) return undefined;
  const containerId = basename(readlinkSync(latest));
  const run = join(directory, 'runs', containerId);
  const tasks = entriesOf(join(run, 'tasks')).flatMap((name) => readTask(join(run, 'tasks', name)) ?? []);
  return { info, containerId, ended: existsSync(join(run, 'executor.sentinel')), tasks };
}

function readTask(directory: string): SavedTask | undefined {
  const info = readJson<TaskInfo>(join(directory, 'task.info'));
  if (!info) return undefined;
  const journal = join(directory, 'task.updates');
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n') : [];
  const entries = lines.flatMap(parseLine);
  return {
    info,
    updates: entries.flatMap((entry) => ('update' in entry ? [entry.update] : [])),
    acknowledged: new Set(entries.flatMap((entry) => ('acknowledged' in entry ? [entry.acknowledged] : []))),
  };
}

/** The last line may be cut off by a crash: it was never acknowledged to the executor, so it may go. */
function parseLine(line: string): JournalLine[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as JournalLine];
  } catch {
    return [];
  }
}
