import { masterFinder, type MasterFinder } from '@cotton/mesos';

export interface Leader {
  host: string;
  port: number;
}

/** Knows which master leads; `onChange` is called when that changes, also to nobody. */
export class LeaderDetector {
  readonly #finder: MasterFinder;
  leader: Leader | undefined;

  /** @param master `host:port` or `zk://…` */
  constructor(master: string, sessionTimeoutMs: number) {
    this.#finder = masterFinder(master, { sessionTimeoutMs });
  }

  start(onChange: () => void): void {
    this.#finder.watch((origin) => {
      const url = origin === undefined ? undefined : new URL(origin);
      this.leader = url && { host: url.hostname, port: Number(url.port || 80) };
      onChange();
    });
  }

  stop(): Promise<void> {
    return this.#finder.close();
  }
}
