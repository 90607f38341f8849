import type { Ground, Place } from '@cotton/chaos';
import { setTimeout as sleep } from 'node:timers/promises';
import { clockMs } from '../load/clock.ts';
import { isSamePlace } from '../load/writers.ts';
import type { Builder } from '../rivals/builder.ts';
import { Group, groupSettings } from '../rivals/group.ts';
import type { Setting } from '../rivals/my-cnf.ts';
import type { HandMadeServer } from '../rivals/server.ts';
import type { Contender, FaultName, Wound } from './contender.ts';
import { GroupRoute } from './group-route.ts';
import { freePorts, until } from '@cotton/setup';

const ROUTE_LIMIT_MS = 30_000;
const QUIET_MS = 1_000;
const LOOPBACK = '127.0.0.1';

export interface GroupPlan {
  name: string;
  ground: Ground;
  /** One for each member. */
  hosts: readonly string[];
  tuning: readonly Setting[];
}

/** A host holds nothing of a group but its mysqld: its loss is the same as a kill. */
export class GroupContender implements Contender {
  readonly name: string;
  readonly account: Contender['account'];
  readonly faults: readonly FaultName[];
  readonly route: GroupRoute;
  readonly #plan: GroupPlan;
  readonly #group: Group;

  static async create(plan: GroupPlan, builder: Builder): Promise<GroupContender> {
    const hosts = plan.hosts.map((name) => plan.ground.host(name));
    const ports = await freePorts(LOOPBACK, hosts.length);
    const talks = hosts.map(({ ip }, index): Place => ({ host: ip, port: ports[index] ?? 0 }));
    const settings = groupSettings(talks, plan.tuning);
    const servers = await builder.servers(hosts, (index) => settings[index] ?? []);
    const group = new Group(servers, builder.account);
    await group.form();
    return new GroupContender(plan, group, builder.account);
  }

  private constructor(plan: GroupPlan, group: Group, account: Contender['account']) {
    this.name = plan.name;
    this.account = account;
    this.faults = [
      'kill',
      ...(plan.ground.kind === 'namespaces' ? (['isolated'] as const) : []),
      'stopped',
      'switchover',
    ];
    this.#plan = plan;
    this.#group = group;
    this.route = new GroupRoute(
      group.servers.map(({ place }) => place),
      account,
    );
  }

  async untilReady(): Promise<void> {
    for (const server of this.#group.servers) await this.#group.join(server);
    const { place } = await this.#group.primary();
    await until(() => isSamePlace(this.route.primary, place), {
      limitMs: ROUTE_LIMIT_MS,
      what: `clients find the primary of ${this.name}`,
    });
    await sleep(QUIET_MS);
  }

  async inflict(fault: FaultName): Promise<Wound> {
    const primary = await this.#group.primary();
    const wound = (heal: Wound['heal']): Wound => ({ atMs: clockMs(), from: primary.place, heal });
    switch (fault) {
      case 'kill': {
        const killed = wound(() => this.#revive(primary));
        process.kill(primary.pid, 'SIGKILL');
        return killed;
      }
      case 'stopped': {
        const stopped = wound(() => this.#revive(primary));
        process.kill(primary.pid, 'SIGSTOP');
        return stopped;
      }
      case 'isolated':
        return this.#isolate(primary, wound);
      case 'switchover':
        return this.#switchOver(primary, wound);
      default:
        throw new Error(`${this.name} knows no ${fault}`);
    }
  }

  async close(): Promise<void> {
    await this.route.close();
  }

  async #isolate(primary: HandMadeServer, wound: (heal: Wound['heal']) => Wound): Promise<Wound> {
    const { ground, hosts } = this.#plan;
    const host = hosts[this.#group.servers.indexOf(primary)] ?? '';
    const isolated = wound(async () => {
      await ground.heal();
      await this.#revive(primary);
    });
    await ground.unplug(host);
    return isolated;
  }

  #switchOver(primary: HandMadeServer, wound: (heal: Wound['heal']) => Wound): Wound {
    const target = this.#group.servers.find((server) => server !== primary);
    if (!target) throw new Error(`${this.name} has nobody to switch to`);
    const switching = Promise.withResolvers<void>();
    const begun = wound(() => switching.promise);
    switching.resolve(this.#group.switchTo(target));
    return begun;
  }

  /** What is left of it ends; it comes back and joins as one that was down. */
  async #revive(server: HandMadeServer): Promise<void> {
    await server.kill();
    await server.start();
    await this.#group.join(server);
  }
}
