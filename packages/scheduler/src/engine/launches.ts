/** What the offer desk decides, carried into the clusters: launches into their records, and why others wait. */
import type { Launch, Placement } from '@cotton/core';
import { applyLaunch, wantsTask } from '@cotton/core';
import type { TaskInfo } from '@cotton/mesos';
import type { Footing } from '../mesos/operations.ts';
import type { ExecutorSettings } from '../mesos/task-info.ts';
import { taskInfoFor } from '../mesos/task-info.ts';
import type { ClusterKeeper } from './cluster-keeper.ts';
import type { Clock } from './ports.ts';
import type { SecretKeeper } from './secrets.ts';

export interface LaunchDeps {
  /** By the cluster's uid. */
  keepers: ReadonlyMap<string, ClusterKeeper>;
  clock: Clock;
  secrets: SecretKeeper;
  executor: ExecutorSettings;
}

export class Launches {
  readonly #deps: LaunchDeps;

  constructor(deps: LaunchDeps) {
    this.#deps = deps;
  }

  /** Persists it. @returns false when the instance no longer wants it */
  async commit(launch: Launch): Promise<boolean> {
    const keeper = this.#deps.keepers.get(launch.clusterUid);
    const planned = keeper?.record.instances.find((i) => i.id === launch.instance);
    if (!keeper || !planned) return false;
    let committed = false;
    const persisted = await keeper.change((record) => {
      const instance = record.instances.find((i) => i.id === launch.instance);
      committed = instance === planned && wantsTask(record, instance);
      return committed ? applyLaunch(record, launch, this.#deps.clock.nowMs()) : record;
    });
    // A request that came with it may have taken the instance away again: then its KILL must not precede this launch.
    const now = keeper.record.instances.find((i) => i.id === launch.instance);
    return committed && persisted && now?.task?.id === launch.taskId && wantsTask(keeper.record, now);
  }

  /** @throws when there is no such cluster */
  toTask(launch: Launch, footing: Footing): TaskInfo {
    const { keepers, secrets, executor } = this.#deps;
    const record = keepers.get(launch.clusterUid)?.record;
    if (!record) throw new Error(`no cluster ${launch.clusterUid}`);
    const key = secrets.instanceKey(record, launch.instance);
    return taskInfoFor(record, launch, footing, executor, key);
  }

  noteWaiting({ waiting }: Placement): void {
    for (const keeper of this.#deps.keepers.values()) {
      const own = keeper.record.instances.filter((i) => waiting.has(i.id)).map((i) => i.id);
      keeper.waiting = new Map(own.map((id) => [id, waiting.get(id) ?? '']));
    }
  }
}
