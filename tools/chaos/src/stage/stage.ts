/** Does the steps of faults to the lab, and undoes everything in the end. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterDetail } from '@cotton/api';
import type { AgentHandle } from '@cotton/mesos-local';
import { restoreZooKeeper, saveZooKeeper } from '@cotton/setup';
import type { Dice } from '../dice.ts';
import type { Controller, Step } from '../faults/fault.ts';
import type { Cluster } from '../lab/cluster.ts';
import type { Lab } from '../lab/lab.ts';
import { processesIn, sendSignal } from '../lab/processes.ts';
import { untilOrLimit } from '../until-or-limit.ts';
import type { Watcher } from '../watcher.ts';
import type { Cast } from './cast.ts';
import { Disks } from './disks.ts';
import { ForeignServers } from './foreign-server.ts';
import { LockHolders } from './lock-holders.ts';
import { change, isRefusal, switchOver } from './requests.ts';
import { forgetAgentId, cutRelayLogs, wipeVolumes } from './volumes.ts';

export interface StageOptions {
  lab: Lab;
  cluster: Cluster;
  /** As it was when the round began. */
  before: ClusterDetail;
  database: string;
  cast: Cast;
  watcher: Watcher;
  dice: Dice;
  say: (line: string) => void;
}

const UNDO_ATTEMPTS = 30;
const UNDO_PAUSE_MS = 1_000;

export class Stage {
  readonly #options: StageOptions;
  readonly #disks = new Disks();
  readonly #holders: LockHolders;
  readonly #foreign: ForeignServers;
  readonly #withoutEffect: string[] = [];
  #isChanged = false;
  #hasRestoredZooKeeper = false;

  constructor(options: StageOptions) {
    const { lab, cluster, database, watcher, say } = options;
    this.#options = options;
    this.#holders = new LockHolders(cluster.account, database, () => watcher.latest, say);
    this.#foreign = new ForeignServers(lab, cluster.account);
  }

  /** From then on discovery may name whom the copy knows. */
  get hasRestoredZooKeeper(): boolean {
    return this.#hasRestoredZooKeeper;
  }

  /** Steps that did nothing, not to everyone they are for, or waited in vain: their round says less than it seems to. */
  get withoutEffect(): readonly string[] {
    return this.#withoutEffect;
  }

  async perform(steps: readonly Step[], signal: AbortSignal): Promise<void> {
    const { say } = this.#options;
    for (const step of steps) {
      signal.throwIfAborted();
      say(describeStep(step));
      if (await this.#perform(step, signal)) continue;
      say('  without effect');
      this.#withoutEffect.push(describeStep(step));
    }
  }

  /** Whatever was stopped, killed, cut or filled is as it was. Safe to repeat. */
  async mend(signal: AbortSignal): Promise<void> {
    const { lab } = this.#options;
    await lab.ground.heal();
    await this.#disks.freeAll();
    this.#holders.releaseAll();
    await this.#foreign.stopAll();
    for (const agent of lab.agents) sendSignal(everything(agent), 'SIGCONT');
    const controllers = [...lab.zookeepers, ...lab.schedulers, ...lab.masters].map(({ pid }) => pid);
    sendSignal(
      controllers.filter((pid) => pid > 0),
      'SIGCONT',
    );
    await this.#startController('zookeepers');
    await this.#startController('masters');
    await Promise.all(lab.agents.filter(({ running }) => !running).map((agent) => agent.start()));
    await this.#startController('schedulers');
    await this.#undoChanges(signal);
  }

  /** @returns whether it had an effect */
  async #perform(step: Step, signal: AbortSignal): Promise<boolean> {
    const { lab, cast, watcher } = this.#options;
    switch (step.do) {
      case 'wait':
        await sleep(step.ms, undefined, { signal });
        return true;
      case 'await election':
        return untilOrLimit(() => this.#epochGrew(), step.limitMs, signal);
      case 'await new primary':
        return untilOrLimit(() => this.#epochGrew() && watcher.latest.primary !== null, step.limitMs, signal);
      case 'await in sync':
        return untilOrLimit(() => this.#areInSync(cast.members(step.of)), step.limitMs, signal);
      case 'signal':
        return onEach(cast.members(step.of), (agent) => this.#signal(agent, step));
      case 'signal controller':
        return this.#signalController(step.of, step.signal);
      case 'power off':
        return this.#powerOff(cast.members(step.of), step);
      case 'start agent':
        return onEach(cast.members(step.of), (agent) => startAgent(agent, step));
      case 'start controller':
        // Where the network is cut it may not come up before everything is mended.
        return this.#startController(step.of).catch((error: unknown) => {
          this.#options.say(`does not start: ${(error as Error).message.split('\n')[0]}`);
          return false;
        });
      case 'wipe volume':
        return onEach(cast.members(step.of), wipeVolumes);
      case 'cut':
        return this.#cut(step);
      case 'heal':
        await lab.ground.heal();
        return true;
      case 'fill disk':
        return onEach(cast.members(step.of), (agent) => this.#disks.fill(agent));
      case 'freeze disk':
        return onEach(cast.members(step.of), (agent) => this.#disks.freeze(agent));
      case 'free disks':
        await this.#disks.freeAll();
        return true;
      case 'hold':
        return onEach(cast.members(step.of), (agent) => this.#holders.hold(agent.ip, step.statements));
      case 'release':
        this.#holders.releaseAll();
        await this.#foreign.stopAll();
        return true;
      case 'save zookeeper':
        await this.#saveZooKeeper();
        return true;
      case 'restore zookeeper':
        this.#hasRestoredZooKeeper = true;
        await restoreZooKeeper(lab.zookeepers, this.#zookeeperCopy);
        return true;
      case 'occupy port':
        return onEach(cast.members(step.of), (agent) => this.#foreign.occupy(agent, watcher.latest));
      case 'switch over': {
        const [target] = cast.members(step.to);
        return this.#asked(await switchOver(lab, watcher.latest, target, step.despiteObstacles));
      }
      case 'change':
        this.#isChanged = true;
        return this.#asked(await change(lab, this.#options.before, step));
    }
  }

  #asked(answer: string): boolean {
    this.#options.say(answer);
    return !isRefusal(answer);
  }

  #areInSync(agents: readonly AgentHandle[]): boolean {
    const { members, primary } = this.#options.watcher.latest;
    const places = members.filter(({ id, in_sync }) => id === primary || in_sync).map(({ host }) => host);
    return agents.every(({ ip }) => places.includes(ip));
  }

  async #signal(agent: AgentHandle, { part, signal }: Extract<Step, { do: 'signal' }>): Promise<boolean> {
    const { executors, mysqlds } = processesIn(agent.workDir);
    switch (part) {
      case 'mysqld':
        return sendSignal(mysqlds, signal);
      case 'executor':
        return sendSignal(executors, signal);
      case 'agent':
        if (!agent.running) return false;
        // Until it is gone, or a start that follows would find it running.
        if (signal === 'SIGKILL') await agent.kill(signal);
        else agent.signal(signal);
        return true;
      case 'host':
        return sendSignal(everything(agent), signal);
    }
  }

  async #signalController(which: Controller, signal: NodeJS.Signals): Promise<boolean> {
    const { cast } = this.#options;
    if (which === 'schedulers' && signal === 'SIGKILL') {
      const running = (await cast.schedulers(which)).filter((scheduler) => scheduler.running);
      // By `stop`, or each would be started again by its supervisor.
      for (const scheduler of running) await scheduler.stop('SIGKILL');
      return running.length > 0;
    }
    const parts = which.includes('zookeeper')
      ? await cast.zookeepers(which)
      : which.includes('master')
        ? await cast.masters(which)
        : await cast.schedulers(which);
    return sendSignal(
      parts.map(({ pid }) => pid).filter((pid) => pid > 0),
      signal,
    );
  }

  async #startController(which: Controller): Promise<boolean> {
    const { lab } = this.#options;
    if (which.includes('zookeeper')) {
      const dead = lab.zookeepers.filter(({ pid }) => !isRunning(pid));
      return onEach(dead, (server) => server.restart());
    }
    if (which.includes('master'))
      return onEach(
        lab.masters.filter((one) => !one.running),
        (master) => master.start(),
      );
    const dead = lab.schedulers.filter((one) => !one.running);
    for (const scheduler of dead) await scheduler.launch();
    return dead.length > 0;
  }

  async #powerOff(
    agents: readonly AgentHandle[],
    { reboots, cutsRelayLogs }: Extract<Step, { do: 'power off' }>,
  ): Promise<boolean> {
    const { lab } = this.#options;
    const isAnyUp = agents.some((agent) => everything(agent).length > 0);
    // At once, also where there are several.
    for (const agent of agents) sendSignal(everything(agent), 'SIGSTOP');
    await Promise.all(agents.map((agent) => agent.powerOff()));
    for (const agent of agents) sendSignal(everything(agent), 'SIGKILL');
    // Whoever waits for a frozen disk cannot even die.
    for (const agent of agents) await this.#disks.thaw(agent);
    for (const agent of agents) {
      const { bootIdFile } = lab.ground.host(lab.hostNameOf(agent));
      if (reboots && bootIdFile !== undefined) await writeFile(bootIdFile, `${randomUUID()}\n`);
    }
    // Where no boot id tells of the loss, a process fault may not take what only a loss of power takes.
    if (cutsRelayLogs && lab.ground.kind === 'namespaces') await this.#cutRelayLogs(agents);
    return isAnyUp;
  }

  async #cutRelayLogs(agents: readonly AgentHandle[]): Promise<void> {
    const { dice, say } = this.#options;
    const cuts: number[] = [];
    for (const agent of agents) cuts.push(...(await cutRelayLogs(agent, dice)));
    if (cuts.length === 0) throw new Error('there is no relay log to cut');
    say(`relay logs end earlier by ${cuts.join(' and ')} bytes`);
  }

  async #cut({ one, other, how }: Extract<Step, { do: 'cut' }>): Promise<boolean> {
    const { lab, cast } = this.#options;
    const ones = await cast.hosts(one);
    const others = (await Promise.all(other.map((party) => cast.hosts(party)))).flat();
    const pairs = ones.flatMap((a) => others.filter((b) => b !== a).map((b) => [a, b] as const));
    return onEach(pairs, ([a, b]) => lab.ground.cut(a, b, how));
  }

  get #zookeeperCopy(): string {
    return join(this.#options.lab.dir, 'zookeeper-copy');
  }

  async #saveZooKeeper(): Promise<void> {
    const [server] = this.#options.lab.zookeepers;
    if (!server) throw new Error('there is no ZooKeeper');
    await saveZooKeeper(server, this.#zookeeperCopy);
  }

  /** Somebody leads again soon. */
  async #undoChanges(signal: AbortSignal): Promise<void> {
    const { lab, before, say } = this.#options;
    if (!this.#isChanged) return;
    this.#isChanged = false;
    for (let attempt = 1; attempt <= UNDO_ATTEMPTS; attempt += 1) {
      const answer = await change(lab, before, { members: 0, acks: null, minInSync: 0 });
      if (!isRefusal(answer)) return;
      say(answer);
      await sleep(UNDO_PAUSE_MS, undefined, { signal });
    }
  }

  #seenEpoch = 0;

  /** Since the last time it had grown. */
  #epochGrew(): boolean {
    const { sights, latest } = this.#options.watcher;
    const known = Math.max(this.#seenEpoch, sights[0]?.epoch ?? 0);
    if (latest.epoch <= known) return false;
    if (latest.primary !== null) this.#seenEpoch = latest.epoch;
    return true;
  }
}

/** To all of them at once. @returns false where there is none, or one on which it had no effect */
async function onEach<T>(list: readonly T[], act: (one: T) => Promise<boolean | void>): Promise<boolean> {
  const effects = await Promise.all(list.map(act));
  return effects.length > 0 && effects.every((effect) => effect !== false);
}

async function startAgent(
  agent: AgentHandle,
  { asNewAgent }: Extract<Step, { do: 'start agent' }>,
): Promise<boolean> {
  if (agent.running) return false;
  if (asNewAgent) await forgetAgentId(agent);
  await agent.start();
  return true;
}

function everything(agent: AgentHandle): number[] {
  const { executors, mysqlds } = processesIn(agent.workDir);
  return [...new Set([...agent.processes, ...executors, ...mysqlds])];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid > 0;
  } catch {
    return false;
  }
}

export function describeStep(step: Step): string {
  const { do: what, ...rest } = step;
  return `${what} ${Object.values(rest).flat().join(', ')}`.trim();
}
