import type { ClusterSize } from '@cotton/core';
import { resources } from '@cotton/mesos';
import type { AgentResources, EngineLog, MesosPort } from './ports.ts';

/** How large the registered agents are, so that a size that fits none of them is said at once. */
export class AgentSizes {
  readonly #mesos: MesosPort;
  readonly #log: EngineLog;
  #agents: AgentResources[] = [];

  constructor(mesos: MesosPort, log: EngineLog) {
    this.#mesos = mesos;
    this.#log = log;
  }

  async refresh(): Promise<void> {
    try {
      this.#agents = await this.#mesos.agents();
    } catch (error) {
      this.#log.warn({ err: error }, 'could not list the agents');
    }
  }

  /** Why no registered agent could hold one instance of this size, even if it were empty; null when one could. */
  oversized(size: ClusterSize): string | null {
    if (this.#agents.length === 0 || this.#agents.some((a) => holds(a, size))) return null;
    return `no agent is large enough for ${size.cpus} cpus, ${size.memMb} MB memory and ${size.diskMb} MB disk`;
  }
}

function holds({ resources: all }: AgentResources, size: ClusterSize): boolean {
  return (
    resources.sumOf(all, 'cpus') >= size.cpus &&
    resources.sumOf(all, 'mem') >= size.memMb &&
    resources.sumOf(all, 'disk') >= size.diskMb
  );
}
