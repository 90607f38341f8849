import type { Log } from '@cotton/log';
import type { ZooKeeperState } from '@cotton/zookeeper';
import { binaryLogBytes, purgeBinaryLogs } from '@cotton/mysql-ops';
import { watchBinaryLogs } from './binary-log-watch.ts';
import { watchEvents } from './events-watch.ts';
import { startFence } from './fence.ts';
import { HangWatch } from './hang-watch.ts';
import { Heartbeat } from './heartbeat.ts';
import type { InstanceState } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';

export interface VitalsParts {
  state: InstanceState;
  keeper: MysqldKeeper;
  volume: string;
  /** What all binary logs together may take. */
  keepBytes: number;
  /** After so long without an acknowledgement a primary is in doubt. */
  boundMs: () => number;
  /** Of the electorate, while this is to be the primary. */
  generation: () => number | undefined;
  session: () => ZooKeeperState;
  publish: () => void;
  log: Log;
}

/** What goes by the clock and must not wait for the conductor's steps. */
export class Vitals {
  readonly #heartbeat: Heartbeat;
  readonly #hangWatch: HangWatch;
  readonly #stopFence: () => void;
  readonly #stopEvents: () => void;
  readonly #stopBinaryLogs: () => void;

  constructor(parts: VitalsParts) {
    this.#stopFence = startFence(parts);
    this.#heartbeat = new Heartbeat({ ...parts, isConnected: () => parts.session() === 'connected' });
    this.#hangWatch = new HangWatch(parts);
    this.#stopEvents = watchEvents(parts);
    this.#stopBinaryLogs = watchBinaryLogs({ ...parts, size: binaryLogBytes, purge: purgeBinaryLogs });
  }

  beat(): void {
    this.#heartbeat.beat();
  }

  stop(): void {
    this.#stopFence();
    this.#stopEvents();
    this.#stopBinaryLogs();
    this.#heartbeat.stop();
    this.#hangWatch.stop();
  }
}
