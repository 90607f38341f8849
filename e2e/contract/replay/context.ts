import type { ProcessDriver } from '../driver/process-driver.ts';
import type { Scenario, TraceLine } from '../trace/trace.ts';
import type { Target } from '../target.ts';
import type { EventStream } from './event-stream.ts';
import type { FileServer } from './file-server.ts';
import type { Answer, Connections, Endpoint } from './http.ts';
import type { Identity } from './identity.ts';
import type { Outcome } from './outcome.ts';
import type { Puppet, PuppetTheatre } from './puppet.ts';

/** A request that was sent and its answer, which a later line of the recording tells. */
export interface Exchange {
  answer: Promise<Answer>;
  /** Answers that came before, while it was tried again. */
  skipped?: string[];
  /** The answer's body, when something had to look at it early. */
  body?: Buffer;
}

/** Everything one replay of a scenario holds. */
export interface Replay {
  readonly scenario: Scenario;
  readonly target: Target;
  readonly driver: ProcessDriver | undefined;
  readonly ids: Identity;
  readonly outcome: Outcome;
  readonly connections: Connections;
  readonly files: FileServer;
  readonly theatre: PuppetTheatre;
  /** Temporary directory that stands for the recording's `<TMP>`. */
  readonly temp: string;
  /** Recorded name of a process → where it is. */
  readonly endpoints: Map<string, Endpoint>;
  /** Recorded `host:port` → where it is. */
  readonly addresses: Map<string, Endpoint>;
  readonly exchanges: Map<string, Exchange>;
  readonly streams: Map<string, EventStream>;
  readonly puppets: Map<string, Puppet>;
  /** Recorded offers that came together with an earlier one. */
  readonly settledOffers: Set<string>;
  line: TraceLine;
  /** The last few of `acted`. */
  readonly actions: { atMs: number; recordedMs: number }[];
  /** When the last request or fault was done: then here, and then in the recording. */
  acted: { atMs: number; recordedMs: number };
}
