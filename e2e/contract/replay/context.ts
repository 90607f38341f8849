import type { ProcessDriver } from '../driver/process-driver.ts';
import type { Scenario, TraceLine } from '../trace/trace.ts';
import type { Target } from '../target.ts';
import type { EventStream } from './event-stream.ts';
import type { FileServer } from './file-server.ts';
import type { Answer, Connections, Endpoint } from './http.ts';
import type { Identity } from './identity.ts';
import type { Outcome } from './outcome.ts';
import type { Puppet, PuppetTheatre } from './puppet.ts';
import type { Strain } from './strain.ts';
import type { Action } from './timing.ts';

/** A request that was sent and its answer, which a later line of the recording tells. */
export interface Exchange {
  answer: Promise<Answer>;
  /** Answers that came before, while it was tried again. */
  skipped?: string[];
  /** What is wrong with the moment of the answer that was waited for. */
  early?: string[];
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
  readonly strain: Strain;
  readonly connections: Connections;
  readonly files: FileServer;
  readonly theatre: PuppetTheatre;
  /** Temporary directory that stands for the recording's `<TMP>`. */
  readonly temp: string;
  /** Recorded name of a process → where it is. */
  readonly endpoints: Map<string, Endpoint>;
  /** Those of which nobody has seen yet that they serve. */
  readonly starting: Set<Endpoint>;
  /** Recorded `host:port` → where it is. */
  readonly addresses: Map<string, Endpoint>;
  readonly exchanges: Map<string, Exchange>;
  readonly streams: Map<string, EventStream>;
  readonly puppets: Map<string, Puppet>;
  /** Recorded offers that came together with an earlier one. */
  readonly settledOffers: Set<string>;
  line: TraceLine;
  /** The last few of `acted`. */
  readonly actions: Action[];
  /** When the last request or fault was done, here and in the recording. */
  acted: Action;
}
