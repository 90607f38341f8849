/** Who plays which part in a round. */
import type { ClusterDetail } from '@cotton/api';
import type { AgentHandle, MasterHandle } from '@cotton/mesos-local';
import type { ZooKeeperServer } from '@cotton/setup';
import { fourLetterWord } from '@cotton/setup';
import type { SchedulerProcess } from '@cotton/start';
import type { Dice } from '../dice.ts';
import type { Controller, Member, Party } from '../faults/fault.ts';
import { primaryOf } from '../lab/cluster.ts';
import { CLIENTS } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';

const LOOK_LIMIT_MS = 1_000;
const MEMBERS: readonly string[] = [
  'primary',
  'old primary',
  'first replica',
  'second replica',
  'replicas',
  'members',
] satisfies Member[];

export class Cast {
  readonly #lab: Lab;
  readonly #latest: () => ClusterDetail;
  readonly #oldPrimary: AgentHandle;
  readonly #replicas: AgentHandle[];
  #primary: AgentHandle;
  /** A part keeps its actor for the round, so that what was stopped is what is started again. */
  readonly #controllers = new Map<Controller, unknown>();

  constructor(lab: Lab, latest: () => ClusterDetail, dice: Dice) {
    this.#lab = lab;
    this.#latest = latest;
    const cluster = latest();
    const primary = primaryOf(cluster);
    const agentOf = ({ host }: { host: string | null }): AgentHandle => lab.agentAt(host ?? '');
    this.#oldPrimary = agentOf(primary);
    this.#primary = this.#oldPrimary;
    this.#replicas = dice.shuffle(cluster.members.filter(({ id }) => id !== primary.id).map(agentOf));
  }

  members(member: Member): AgentHandle[] {
    const [first, second] = this.#replicas;
    const only = (agent: AgentHandle | undefined): AgentHandle[] => (agent ? [agent] : []);
    switch (member) {
      case 'primary':
        return [this.#presentPrimary()];
      case 'old primary':
        return [this.#oldPrimary];
      case 'first replica':
        return only(first);
      case 'second replica':
        return only(second);
      case 'replicas':
        return this.#replicas;
      case 'members':
        return [this.#oldPrimary, ...this.#replicas];
    }
  }

  schedulers(which: Controller): Promise<SchedulerProcess[]> {
    return this.#remembered(which, async () => {
      if (which === 'schedulers') return this.#lab.schedulers;
      const leading = await firstWhere(this.#lab.schedulers, ({ url }) => answersOk(`${url}/readyz`));
      if (which === 'leading scheduler') return leading;
      return this.#lab.schedulers.filter((one) => !leading.includes(one)).slice(0, 1);
    });
  }

  masters(which: Controller): Promise<MasterHandle[]> {
    return this.#remembered(which, async () => {
      if (which === 'masters') return this.#lab.masters;
      return firstWhere(this.#lab.masters, ({ url }) => answersOk(`${url}/state`));
    });
  }

  zookeepers(which: Controller): Promise<ZooKeeperServer[]> {
    return this.#remembered(which, async () => {
      if (which === 'zookeepers') return this.#lab.zookeepers;
      if (which === 'other zookeepers') {
        const first = await this.zookeepers('first zookeeper');
        return this.#lab.zookeepers.filter((one) => !first.includes(one));
      }
      const leading = await firstWhere(this.#lab.zookeepers, isLeading);
      if (which === 'leading zookeeper') return leading;
      return this.#lab.zookeepers.filter((one) => !leading.includes(one)).slice(0, 1);
    });
  }

  /** Names of the hosts of a party. */
  async hosts(party: Party): Promise<string[]> {
    if (party === 'clients') return [CLIENTS];
    if (MEMBERS.includes(party))
      return this.members(party as Member).map((agent) => this.#lab.hostNameOf(agent));
    const controller = party as Controller;
    if (controller.includes('zookeeper')) return this.#names(await this.zookeepers(controller));
    if (controller.includes('master')) return this.#names(await this.masters(controller));
    return this.#names(await this.schedulers(controller));
  }

  #names(parts: Parameters<Lab['hostNameOf']>[0][]): string[] {
    return parts.map((part) => this.#lab.hostNameOf(part));
  }

  #presentPrimary(): AgentHandle {
    const { primary, members } = this.#latest();
    const host = members.find(({ id }) => id === primary)?.host;
    if (host) this.#primary = this.#lab.agentAt(host);
    return this.#primary;
  }

  async #remembered<T>(which: Controller, find: () => Promise<T[]>): Promise<T[]> {
    const known = this.#controllers.get(which) as T[] | undefined;
    const found = known ?? (await find());
    if (found.length > 0) this.#controllers.set(which, found);
    return found;
  }
}

async function firstWhere<T>(list: readonly T[], holds: (one: T) => Promise<boolean>): Promise<T[]> {
  const answers = await Promise.all(list.map(holds));
  return list.filter((_, index) => answers[index]).slice(0, 1);
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(LOOK_LIMIT_MS) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}

async function isLeading({ connect }: ZooKeeperServer): Promise<boolean> {
  const [host = '', port] = connect.split(':');
  return (await fourLetterWord(host, Number(port), 'srvr')).includes('Mode: leader');
}
