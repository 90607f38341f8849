/** The Mesos master and its agents, as far as Cotton notices them. */
import type { AgentOffer, Home, Launch, Release, TaskUpdate } from '@cotton/core';
import { Executor } from './executor.ts';
import type { Host, Volume } from './hosts.ts';
import type { Scheduler } from './scheduler.ts';
import type { World } from './world.ts';

interface Task {
  taskId: string;
  instance: string;
  host: Host;
  agentId: string;
  state: string;
  volume: Volume | null;
}

interface Pending {
  update: TaskUpdate;
  host: Host | null;
}

const GONE = 'TASK_GONE_BY_OPERATOR';
const UNREACHABLE = 'TASK_UNREACHABLE';
const TERMINAL = new Set([GONE, 'TASK_FAILED', 'TASK_KILLED', 'TASK_FINISHED', 'TASK_DROPPED']);
const RETRY_MS = 1_000;
const UNREACHABLE_AFTER_MS = 2_500;
const SIZE = { cpus: 1, memMb: 512, diskMb: 1_024 };

export class Mesos {
  readonly #world: World;
  readonly #tasks = new Map<string, Task>();
  /** Not acknowledged yet, by task. */
  readonly #pending = new Map<string, Pending[]>();
  #subscriber: Scheduler | null = null;
  readonly #away = new Map<Host, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Calls of one that was replaced are refused. */
  isSubscribed(scheduler: Scheduler): boolean {
    return this.#subscriber === scheduler;
  }

  /** A scheduler that leads; it asks about every task it knows. */
  subscribe(scheduler: Scheduler, taskIds: readonly string[]): void {
    this.#subscriber = scheduler;
    for (const taskId of taskIds) {
      const task = this.#tasks.get(taskId);
      if (!task) this.#push(update(taskId, 'TASK_UNKNOWN'), null);
      else if (!this.#pending.has(taskId)) this.#push(update(taskId, task.state, task.agentId), task.host);
    }
    for (const { taskId, state, agentId, host } of this.#tasks.values())
      if (!TERMINAL.has(state) && !taskIds.includes(taskId)) this.#push(update(taskId, state, agentId), host);
  }

  /** Those of one task come one after the other, each again and again until it is acknowledged. */
  #push(next: TaskUpdate, host: Host | null): void {
    const queue = this.#pending.get(next.taskId) ?? [];
    const last = queue.at(-1)?.update;
    if (last && TERMINAL.has(last.state) && next.state !== GONE) return;
    // The master's own word does not wait for what an agent still has to say.
    if (next.state === GONE || next.state === UNREACHABLE) queue.length = 0;
    queue.push({ update: next, host });
    this.#pending.set(next.taskId, queue);
    if (queue.length === 1) this.#deliver(queue);
  }

  #deliver(queue: Pending[]): void {
    const scheduler = this.#subscriber;
    const [first] = queue;
    if (!first) return;
    const { update: next, host } = first;
    this.#world.loop.after(RETRY_MS, () => {
      if (queue[0] === first) this.#deliver(queue);
    });
    if (!scheduler?.canHearMesos || (host && !this.#speaks(host, next))) return;
    const acknowledge = (): void => {
      if (queue[0] !== first) return;
      queue.shift();
      if (queue.length === 0) this.#pending.delete(next.taskId);
      else this.#deliver(queue);
    };
    scheduler.after(this.#world.network.delayMs(), () => {
      if (queue[0] === first) scheduler.taskUpdated(next, acknowledge);
    });
  }

  /** The agent's own word needs the agent; the master speaks for itself. */
  #speaks(host: Host, { state }: TaskUpdate): boolean {
    return state === UNREACHABLE || state === GONE || this.#world.hosts.isRegistered(host);
  }

  launch({ taskId, instance, agentId, home, createVolume }: Launch): void {
    const host = this.#world.hosts.all.find((h) => h.agentId === agentId);
    if (!host || !this.#world.hosts.isRegistered(host))
      return this.#push(update(taskId, 'TASK_DROPPED'), null);
    if (createVolume && !host.volumes.has(home.volumeId))
      host.volumes.set(home.volumeId, newVolume(instance, home));
    const volume = host.volumes.get(home.volumeId);
    if (!volume) return this.#push(update(taskId, 'TASK_DROPPED'), null);
    const known = this.#tasks.get(taskId);
    if (known && !TERMINAL.has(known.state)) return;
    // The master knows a task until its end was acknowledged, and takes no other one of that id.
    if (known && this.#pending.has(taskId)) return this.#refuse(taskId);
    const task = { taskId, instance, host, agentId, state: 'TASK_STAGING', volume };
    this.#tasks.set(taskId, task);
    const boot = host.bootId;
    this.#world.loop.after(this.#world.takes(30, 300), () => {
      if (!host.isUp || host.bootId !== boot || host.agentId !== agentId || task.state !== 'TASK_STAGING')
        return;
      const { seeded: _seeded, ...place } = home;
      new Executor(this.#world, host, volume, { taskId, instance, place });
      this.report(taskId, 'TASK_STARTING');
    });
  }

  /** The master's word on a launch; nobody has to acknowledge it. */
  #refuse(taskId: string): void {
    const scheduler = this.#subscriber;
    scheduler?.after(this.#world.network.delayMs(), () => {
      scheduler.taskUpdated(update(taskId, 'TASK_ERROR'), () => undefined);
    });
  }

  /** An executor's own word. */
  report(taskId: string, state: string): void {
    const task = this.#tasks.get(taskId);
    if (!task || TERMINAL.has(task.state) || task.agentId !== task.host.agentId) return;
    task.state = state;
    this.#push({ ...update(taskId, state, task.agentId), fromExecutor: true }, task.host);
  }

  /** The task's executor is gone. */
  ended(taskId: string, state: string): void {
    const task = this.#tasks.get(taskId);
    if (!task || TERMINAL.has(task.state) || task.agentId !== task.host.agentId) return;
    if (!task.host.isUp) return;
    task.state = state;
    this.#push(update(taskId, state, task.agentId), task.host);
  }

  kill(taskId: string): void {
    const task = this.#tasks.get(taskId);
    if (!task || !this.#world.hosts.isRegistered(task.host)) return;
    const executor = [...task.host.executors].find((e) => e.names.taskId === taskId);
    this.#world.oracle.killing(taskId);
    if (executor) executor.after(this.#world.random.between(1, 20), () => executor.stop());
    else this.ended(taskId, 'TASK_KILLED');
  }

  /** The tasks of before its reboot are over. */
  rebooted(host: Host): void {
    this.#world.loop.after(this.#world.takes(100, 1_000), () => {
      for (const task of this.#tasks.values())
        if (task.host === host && task.agentId === host.agentId) this.#over(task, 'TASK_FAILED');
    });
  }

  #over(task: Task, state: string): void {
    if ([...task.host.executors].some((e) => e.names.taskId === task.taskId)) return;
    task.state = state;
    this.#push(update(task.taskId, state, task.agentId), task.host);
  }

  /** What ran under its old id is out of sight for good. */
  agentRenamed(host: Host): void {
    for (const task of this.#tasks.values())
      if (task.host === host && task.agentId !== host.agentId && !TERMINAL.has(task.state)) {
        task.state = UNREACHABLE;
        this.#push(update(task.taskId, task.state, task.agentId), host);
      }
  }

  /** An operator marks the agent gone. */
  markGone(host: Host): void {
    for (const task of this.#tasks.values())
      if (task.host === host && (!TERMINAL.has(task.state) || this.#pending.has(task.taskId))) {
        task.state = GONE;
        this.#push(update(task.taskId, task.state, task.agentId), host);
      }
  }

  /** Agents that cannot be seen for a while are unreachable, and so are their tasks. */
  review(): void {
    for (const host of this.#world.hosts.all) {
      const isSeen = this.#world.hosts.isRegistered(host);
      if (isSeen === !this.#away.has(host)) continue;
      if (isSeen) {
        this.#away.delete(host);
        this.#tellAll(host, 'TASK_RUNNING');
      } else {
        const mark = this.#world.newId();
        this.#away.set(host, mark);
        this.#world.loop.after(UNREACHABLE_AFTER_MS, () => {
          if (this.#away.get(host) === mark) this.#tellAll(host, UNREACHABLE);
        });
      }
    }
  }

  #tellAll(host: Host, state: string): void {
    for (const task of this.#tasks.values()) {
      if (task.host !== host || task.agentId !== host.agentId || TERMINAL.has(task.state)) continue;
      if (state === UNREACHABLE) this.#push(update(task.taskId, state, task.agentId), host);
      else this.#push(update(task.taskId, task.state, task.agentId), host);
    }
  }

  /** Agents as their offers show them: a volume is offered when no task that the master knows of stands on it. */
  offers(clusterUid: string): AgentOffer[] {
    return this.#world.hosts.all
      .filter((h) => this.#world.hosts.isRegistered(h))
      .map((host) => ({
        agentId: host.agentId,
        hostname: `host${host.index}`,
        address: `10.0.0.${host.index}:5051`,
        free: { cpus: 8, memMb: 8_192, diskMb: 20_000, ports: [[31_000, 31_099]] },
        footprints: [...host.volumes.values()].map((volume) => {
          const isUsed = this.#isUsed(host, volume);
          const { cpus, memMb } = isUsed ? { cpus: 0, memMb: 0 } : SIZE;
          const ports = isUsed ? [] : volume.ports;
          const volumeIds = isUsed ? [] : [volume.id];
          return { clusterUid, instance: volume.instance, cpus, memMb, diskMb: 0, ports, volumeIds };
        }),
      }));
  }

  #isUsed(host: Host, volume: Volume): boolean {
    for (const task of this.#tasks.values())
      if (task.volume === volume && task.agentId === host.agentId && !TERMINAL.has(task.state)) return true;
    return false;
  }

  release({ agentId, volumeIds }: Release): void {
    const host = this.#world.hosts.all.find((h) => h.agentId === agentId);
    if (!host || !this.#world.hosts.isRegistered(host)) return;
    for (const id of volumeIds) {
      const volume = host.volumes.get(id);
      if (!volume || this.#isUsed(host, volume)) continue;
      this.#world.oracle.destroying(volume);
      volume.isDestroyed = true;
      host.volumes.delete(id);
      this.#world.note(() => `volume ${id} is destroyed`);
      this.#world.oracle.check();
    }
  }

  /** GET_AGENTS shows nothing of it, on agents that are there. */
  isReleased(instance: string, homeAgent: string, address: string): boolean {
    const seen = this.#world.hosts.all.filter((h) => this.#world.hosts.isRegistered(h));
    const isThere = seen.some((h) => h.agentId === homeAgent || `10.0.0.${h.index}:5051` === address);
    return isThere && !seen.some((h) => [...h.volumes.values()].some((v) => v.instance === instance));
  }
}

function newVolume(instance: string, { volumeId: id, port, httpPort }: Home): Volume {
  const epoch = { epoch: 0, epochId: '', ledEpoch: 0, generation: 0 };
  return {
    id,
    instance,
    ports: [port, httpPort],
    data: null,
    epoch,
    errant: [],
    holder: null,
    isDestroyed: false,
    isDead: false,
  };
}

function update(taskId: string, state: string, agentId: string | null = null): TaskUpdate {
  return { taskId, agentId, state, reason: '', message: '', fromExecutor: false };
}
