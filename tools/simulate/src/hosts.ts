import type { ErrantSlice } from '@cotton/core';
import type { DataDirectory } from './data.ts';
import type { Executor } from './executor.ts';
import { MASTER } from './network.ts';
import type { World } from './world.ts';

export interface Volume {
  id: string;
  instance: string;
  /** Reserved with it. */
  ports: number[];
  /** null: nothing was made there yet. */
  data: DataDirectory | null;
  /** What the executor keeps there. */
  epoch: { epoch: number; epochId: string; ledEpoch: number; generation: number };
  errant: ErrantSlice[];
  /** The lock. */
  holder: Executor | null;
  isDestroyed: boolean;
  /** Nothing can be written to it. */
  isDead: boolean;
}

export class Host {
  readonly index: number;
  agentId: string;
  bootId: string;
  isUp = true;
  /** Never to come back. */
  isLost = false;
  readonly volumes = new Map<string, Volume>();
  readonly executors = new Set<Executor>();

  constructor(index: number) {
    this.index = index;
    this.agentId = `agent-${index}`;
    this.bootId = `boot-${index}-1`;
  }
}

export class Hosts {
  readonly #world: World;
  readonly all: Host[] = [];
  #names = 1;

  constructor(world: World, count: number) {
    this.#world = world;
    for (let i = 0; i < count; i++) this.add();
  }

  add(): void {
    if (this.all.length < 10) this.all.push(new Host(this.all.length));
  }

  /** Everything that ran there is gone, and so is what was only in the page cache. */
  powerOff(host: Host): void {
    if (!host.isUp) return;
    host.isUp = false;
    for (const executor of [...host.executors]) executor.die('its host went down');
    for (const volume of host.volumes.values()) this.#forgetUnsynced(volume);
    host.bootId = `boot-${host.index}-${++this.#names}`;
    this.#world.oracle.check();
    this.#world.mesos.review();
  }

  #forgetUnsynced({ data }: Volume): void {
    const { random } = this.#world;
    if (data) data.relay.length = random.chance(0.5) ? random.below(data.relay.length + 1) : 0;
  }

  powerOn(host: Host): void {
    if (host.isUp || host.isLost) return;
    host.isUp = true;
    this.#world.mesos.review();
    this.#world.mesos.rebooted(host);
  }

  /** With its disks. */
  lose(host: Host): void {
    this.powerOff(host);
    host.isLost = true;
    for (const volume of host.volumes.values()) volume.isDestroyed = true;
    host.volumes.clear();
    this.add();
  }

  /** The agent comes back under another id while what it ran runs on, for a while. */
  renameAgent(host: Host): void {
    const old = [...host.executors];
    host.agentId = `agent-${host.index}-${++this.#names}`;
    this.#world.mesos.agentRenamed(host);
    for (const executor of old)
      this.#world.loop.after(this.#world.random.between(1_000, 15_000), () =>
        executor.die('its agent is gone'),
      );
  }

  isRegistered(host: Host): boolean {
    return host.isUp && !host.isLost && this.#world.network.reaches(host.index, MASTER);
  }
}
