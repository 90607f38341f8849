/** Everything that failover is measured on: Cotton on hosts of its own, and its rivals beside it. */
import {
  agentNames,
  createCluster,
  type Ground,
  hostNames,
  isIsolated,
  Lab,
  Namespaces,
  OneMachine,
  untilHealthy,
} from '@cotton/chaos';
import { ensureIproute } from '@cotton/setup';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder } from '../rivals/builder.ts';
import { TUNED } from '../rivals/group.ts';
import type { Contender } from './contender.ts';
import { CottonContender } from './cotton-contender.ts';
import { GroupContender } from './group-contender.ts';

export interface SceneOptions {
  rivals: boolean;
  signal: AbortSignal;
  say: (line: string) => void;
}

const CLUSTER = 'bench';
const NODES = 3;
const CREATE_LIMIT_MS = 180_000;
/** As Cotton is shipped. */
const SESSION_TIMEOUT_MS = 6_000;
const GROUPS = [
  { name: 'Group Replication, defaults', prefix: 'plain', tuning: [] },
  { name: 'Group Replication, tuned', prefix: 'tuned', tuning: TUNED },
];

const hostsOf = (prefix: string): string[] =>
  Array.from({ length: NODES }, (_, index) => `${prefix}${index + 1}`);

export class Scene {
  readonly contenders: Contender[] = [];
  readonly #stops: (() => Promise<unknown>)[] = [];

  /** What was started is stopped again when a later part fails. */
  static async open(options: SceneOptions): Promise<Scene> {
    const scene = new Scene();
    try {
      await scene.#open(options);
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async #open({ rivals, signal, say }: SceneOptions): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'cotton-bench-'));
    this.#stops.push(() => rm(dir, { recursive: true, force: true }));
    const ground = await openGround();
    const lab = await Lab.start({
      ...{ ground, dir: join(dir, 'lab'), nodes: NODES, sessionTimeoutMs: SESSION_TIMEOUT_MS, say },
    });
    this.#stops.push(() => lab.stop());
    say(`creating a cluster of ${NODES}`);
    const cluster = await createCluster(lab, CLUSTER, NODES);
    await untilHealthy(lab, CLUSTER, CREATE_LIMIT_MS, signal);
    this.#add(await CottonContender.create({ lab, cluster, signal }));
    if (rivals) await this.#addRivals(ground, lab, join(dir, 'by-hand'), say);
  }

  async #addRivals(ground: Ground, lab: Lab, dir: string, say: SceneOptions['say']): Promise<void> {
    const builder = await Builder.create(lab.dir, dir);
    this.#stops.push(() => builder.close());
    for (const { name, prefix, tuning } of GROUPS) {
      say(`setting up ${name}`);
      this.#add(await GroupContender.create({ name, ground, hosts: hostsOf(prefix), tuning }, builder));
    }
  }

  #add(contender: Contender): void {
    this.contenders.push(contender);
    this.#stops.push(() => contender.close());
  }
}

async function openGround(): Promise<Ground> {
  const agents = agentNames(NODES);
  const names = [...hostNames(NODES), ...GROUPS.flatMap(({ prefix }) => hostsOf(prefix))];
  if (!isIsolated()) return new OneMachine(names, agents);
  return Namespaces.create(await ensureIproute(), names, 'shared');
}
