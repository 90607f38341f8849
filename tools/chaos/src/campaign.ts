/** Plays the planned rounds one after the other; a lab that failed is thrown away, and the next round gets a new one. */
import { ensureIproute } from '@cotton/setup';
import { rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Need } from './faults/fault.ts';
import type { Bundles } from './lab/bundles.ts';
import { type Cluster, createCluster, untilHealthy } from './lab/cluster.ts';
import { bestDisks } from './lab/disk.ts';
import type { Ground } from './lab/host.ts';
import { agentNames, hostNames, Lab } from './lab/lab.ts';
import { Namespaces } from './lab/namespaces.ts';
import { OneMachine } from './lab/one-machine.ts';
import type { Violation } from './check/violation.ts';
import { Incarnations } from './load/incarnations.ts';
import { Signpost } from './load/signpost.ts';
import type { PlannedRound } from './plan.ts';
import { keepEvidence } from './report/keep.ts';
import type { Result } from './report/results.ts';
import { type Limits, playRound, type RoundOutcome } from './round.ts';

export interface CampaignOptions {
  commit: string;
  bundles: Bundles;
  seed: number;
  /** Members of the cluster. */
  nodes: number;
  limits: Limits;
  pauseMs: number;
  isIsolated: boolean;
  /** Where evidence of failed rounds goes. */
  evidenceDir: string;
  signal: AbortSignal;
  say: (line: string) => void;
}

interface Scene {
  dir: string;
  lab: Lab;
  cluster: Cluster;
  signpost: Signpost;
  incarnations: Incarnations;
  former: string | undefined;
}

const CLUSTER = 'chaos';
const CREATE_LIMIT_MS = 180_000;

export class Campaign {
  readonly #options: CampaignOptions;
  #ground: Ground | undefined;
  #scene: Scene | undefined;
  #rounds = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
  }

  /** What the ground can do. Starts the first lab. */
  async offers(): Promise<Set<Need>> {
    const { lab } = await this.#openScene();
    const offered = new Set<Need>();
    if (lab.ground.kind === 'namespaces') offered.add('namespaces');
    if (lab.ground.disks !== 'shared') offered.add('small disks');
    if (lab.ground.disks === 'image') offered.add('freezable disks');
    return offered;
  }

  /** @throws when interrupted, or when no lab comes up */
  async play({ fault, index }: PlannedRound): Promise<Result> {
    const { seed, nodes, signal, say, commit, limits, pauseMs } = this.#options;
    const started = performance.now();
    const load = Number((loadavg()[0] ?? 0).toFixed(2));
    const scene = await this.#openScene();
    const database = `round_${(this.#rounds += 1)}`;
    const outcome = await playRound({
      ...{ ...scene, fault, seed: `${seed} ${index}`, database, limits, pauseMs, signal, say },
    }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return brokenRound(error as Error);
    });
    scene.former = database;
    const name = `${fault.name}-${nodes}-${seed}-${index}`;
    const kept = outcome.violations.length > 0 ? await this.#discard(scene, name, outcome) : undefined;
    const count = (kinds: readonly string[]): number =>
      outcome.violations.reduce((sum, one) => sum + (kinds.includes(one.kind) ? one.count : 0), 0);
    return {
      ...{ commit, fault: fault.name, index, seed, nodes, ground: scene.lab.ground.kind },
      at: new Date().toISOString(),
      acknowledged: outcome.acknowledged,
      unknown: outcome.unknown,
      lost: outcome.lost,
      doubled: count(['doubled', 'stale', 'regressed', 'phantom']),
      violations: inWords(outcome.violations),
      withoutEffect: [...outcome.withoutEffect],
      excused: inWords(outcome.excused),
      gapMs: Math.round(outcome.gapMs),
      elections: outcome.elections,
      timeline: outcome.timeline,
      roundMs: Math.round(performance.now() - started),
      load,
      ...(kept !== undefined && { kept }),
    };
  }

  async close(): Promise<void> {
    const scene = this.#scene;
    this.#scene = undefined;
    if (!scene) return;
    await scene.signpost.close();
    await scene.lab.stop();
    await rm(scene.dir, { recursive: true, force: true });
  }

  async #discard(scene: Scene, name: string, outcome: RoundOutcome): Promise<string> {
    const { evidenceDir } = this.#options;
    const cluster = await scene.lab.api.get(scene.cluster.name).catch((error: unknown) => String(error));
    const documents = { history: outcome.history, violations: outcome.violations, cluster };
    const folder = await keepEvidence(join(evidenceDir, name), scene.lab.dir, documents);
    await this.close();
    return folder;
  }

  async #openScene(): Promise<Scene> {
    if (this.#scene) return this.#scene;
    const { say, limits, bundles, signal, nodes } = this.#options;
    const { sessionTimeoutMs } = limits;
    signal.throwIfAborted();
    const dir = await mkdtemp(join(tmpdir(), 'cotton-chaos-'));
    try {
      const ground = await this.#openGround();
      const lab = await Lab.start({ ground, bundles, dir, nodes, sessionTimeoutMs, say });
      this.#scene = await this.#furnish(lab, dir);
      return this.#scene;
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  async #furnish(lab: Lab, dir: string): Promise<Scene> {
    const { say, signal, nodes } = this.#options;
    try {
      say(`creating a cluster of ${nodes}`);
      const cluster = await createCluster(lab, CLUSTER, nodes);
      await untilHealthy(lab, CLUSTER, CREATE_LIMIT_MS, signal);
      const signpost = await Signpost.open(cluster.url);
      return { dir, lab, cluster, signpost, incarnations: new Incarnations(), former: undefined };
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** One for the whole campaign: the namespaces go when this process goes. */
  async #openGround(): Promise<Ground> {
    const { isIsolated, nodes } = this.#options;
    if (!isIsolated) return (this.#ground ??= new OneMachine(hostNames(nodes), agentNames(nodes)));
    if (this.#ground) return this.#ground;
    const disks = await bestDisks();
    this.#ground = await Namespaces.create(await ensureIproute(), hostNames(nodes), disks);
    return this.#ground;
  }
}

function inWords(violations: readonly Violation[]): string[] {
  return violations.map(({ kind, detail }) => `${kind}: ${detail}`);
}

/** The tool's own trouble must not look like a round without violations. */
function brokenRound(error: Error): RoundOutcome {
  const nothing = {
    writes: [],
    transfers: [],
    increments: [],
    reads: [],
    sights: [],
    holdings: [],
    strays: {},
    reported: '',
  };
  return {
    ...{ acknowledged: 0, unknown: 0, lost: 0, gapMs: 0, elections: 0, timeline: [], complaints: '' },
    violations: [{ kind: 'not recovered', count: 1, detail: `the round broke off: ${error.message}` }],
    ...{ withoutEffect: [], excused: [] },
    history: nothing,
  };
}
