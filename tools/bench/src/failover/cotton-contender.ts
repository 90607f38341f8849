import {
  type Cluster,
  type Lab,
  primaryOf,
  processesIn,
  sendSignal,
  Signpost,
  untilHealthy,
} from '@cotton/chaos';
import type { ClusterDetail } from '@cotton/api';
import { until } from '@cotton/setup';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepTime } from '../arithmetic/chain.ts';
import { clockMs } from '../load/clock.ts';
import { isSamePlace, type Writers } from '../load/writers.ts';
import type { Contender, FaultName, Wound } from './contender.ts';
import { Schedulers } from './schedulers.ts';
import { tellSteps } from './step-teller.ts';

const HEALTHY_LIMIT_MS = 180_000;
const ROUTE_LIMIT_MS = 30_000;
/** Longer than the heartbeat takes to settle what a recovery has changed. */
const QUIET_MS = 2_000;

export interface CottonPlan {
  lab: Lab;
  cluster: Cluster;
  signal: AbortSignal;
}

type Primary = ReturnType<typeof primaryOf>;

export class CottonContender implements Contender {
  readonly name = 'Cotton';
  readonly account: Contender['account'];
  readonly faults: readonly FaultName[];
  readonly route: Signpost;
  readonly #plan: CottonPlan;
  readonly #schedulers: Schedulers;

  static async create(plan: CottonPlan): Promise<CottonContender> {
    return new CottonContender(plan, await Signpost.open(plan.cluster.url));
  }

  private constructor(plan: CottonPlan, route: Signpost) {
    const { lab, cluster } = plan;
    this.#plan = plan;
    this.account = cluster.account;
    this.route = route;
    this.#schedulers = new Schedulers(lab.schedulers, cluster.name);
    this.faults = [
      ...(['kill', 'host'] as const),
      ...(lab.ground.kind === 'namespaces' ? (['isolated'] as const) : []),
      ...(['stopped', 'switchover', 'takeover'] as const),
    ];
  }

  async untilReady(): Promise<void> {
    const { lab, cluster, signal } = this.#plan;
    const isWhole = async (): Promise<boolean> => {
      const detail = await untilHealthy(lab, cluster.name, HEALTHY_LIMIT_MS, signal);
      const { host, port } = primaryOf(detail);
      const isFound = isSamePlace(this.route.primary, { host: host ?? '', port: port ?? 0 });
      return isFound && detail.in_sync.length === detail.num_nodes - 1;
    };
    await until(isWhole, {
      limitMs: ROUTE_LIMIT_MS,
      what: `clients find ${cluster.name}, and both replicas are in sync`,
    });
    await this.#schedulers.untilAllRun();
    await sleep(QUIET_MS, undefined, { signal });
  }

  async inflict(fault: FaultName): Promise<Wound> {
    const detail = await this.#plan.lab.api.get(this.#plan.cluster.name);
    const primary = primaryOf(detail);
    switch (fault) {
      case 'kill':
        return this.#signalMysqld(primary, 'SIGKILL');
      case 'stopped':
        return this.#signalMysqld(primary, 'SIGSTOP');
      case 'host':
        return this.#powerOff(primary);
      case 'isolated':
        return this.#unplug(primary);
      case 'switchover':
        return this.#switchOver(detail, primary);
      case 'takeover':
        return { ...this.#wound(primary), ...(await this.#schedulers.killLeader()) };
    }
  }

  async steps(fault: FaultName, wound: Wound, writers: Writers): Promise<StepTime[]> {
    const { lab, cluster } = this.#plan;
    return fault === 'takeover' ? [] : tellSteps({ lab, cluster, fault, wound, writers });
  }

  async close(): Promise<void> {
    await this.route.close();
  }

  #wound({ host, port }: Primary, heal: Wound['heal'] = async () => {}): Wound {
    return { atMs: clockMs(), from: { host: host ?? '', port: port ?? 0 }, heal };
  }

  #signalMysqld(primary: Primary, signal: 'SIGKILL' | 'SIGSTOP'): Wound {
    const { mysqlds } = processesIn(this.#agentOf(primary).workDir);
    if (mysqlds.length !== 1) throw new Error(`${primary.id} has ${mysqlds.length} mysqlds`);
    const wound = this.#wound(primary, async () => void sendSignal(mysqlds, 'SIGCONT'));
    sendSignal(mysqlds, signal);
    return wound;
  }

  async #powerOff(primary: Primary): Promise<Wound> {
    const agent = this.#agentOf(primary);
    const wound = this.#wound(primary, () => agent.start());
    await agent.powerOff();
    return wound;
  }

  async #unplug(primary: Primary): Promise<Wound> {
    const { lab } = this.#plan;
    const wound = this.#wound(primary, () => lab.ground.heal());
    await lab.ground.unplug(lab.hostNameOf(this.#agentOf(primary)));
    return wound;
  }

  async #switchOver({ name }: ClusterDetail, primary: Primary): Promise<Wound> {
    const wound = this.#wound(primary);
    await this.#plan.lab.api.switchover(name, {});
    return wound;
  }

  #agentOf({ host }: Primary): ReturnType<Lab['agentAt']> {
    return this.#plan.lab.agentAt(host ?? '');
  }
}
