/** What the benchmarks share: one running Cotton and one idle cluster, made when the first of them asks. */
import { ApiClient } from '@cotton/api';
import { type Stack, startStack } from '@cotton/start';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchCluster, createCluster } from './bench-cluster.ts';
import { Builder } from './rivals/builder.ts';

export type Say = (line: string) => void;

export class Lab {
  readonly say: Say;
  readonly #stop = new AbortController();
  readonly #deferred: (() => Promise<unknown>)[] = [];
  #scratch: Promise<string> | undefined;
  #stack: Promise<Stack> | undefined;
  #cluster: Promise<BenchCluster> | undefined;
  #closing: Promise<void> | undefined;

  constructor(say: Say) {
    this.say = say;
  }

  /** Aborted when all is to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Done when all ends, last one first, whoever ends it. */
  defer(work: () => Promise<unknown>): void {
    this.#deferred.push(work);
  }

  /** A folder that is removed at the end. */
  async folder(name: string): Promise<string> {
    this.#scratch ??= this.#makeScratch();
    return join(await this.#scratch, name);
  }

  async api(): Promise<ApiClient> {
    return new ApiClient({ urls: [(await this.stack()).api] });
  }

  stack(): Promise<Stack> {
    this.#stack ??= this.#startStack();
    return this.#stack;
  }

  /** Three instances, healthy. */
  cluster(): Promise<BenchCluster> {
    this.#cluster ??= this.api().then((api) => createCluster(api, 'bench'));
    return this.#cluster;
  }

  /** For servers set up by hand beside the cluster. */
  async builder(): Promise<Builder> {
    await this.cluster();
    const { stateDir } = await this.stack();
    const builder = await Builder.create(join(stateDir, 'mesos'), await this.folder('by-hand'));
    this.defer(() => builder.close());
    return builder;
  }

  close(): Promise<void> {
    this.#stop.abort();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const work of this.#deferred.splice(0).reverse())
      await work().catch((error: unknown) => this.say(`stopping: ${(error as Error).message}`));
  }

  async #makeScratch(): Promise<string> {
    const scratch = await mkdtemp(join(tmpdir(), 'cotton-bench-'));
    this.defer(() => rm(scratch, { recursive: true, force: true }));
    return scratch;
  }

  async #startStack(): Promise<Stack> {
    const starting = startStack({ stateDir: await this.folder('stack'), keep: false, progress: this.say });
    // One that is still starting has to be stopped, too.
    this.defer(async () => (await starting.catch(() => undefined))?.stop());
    return starting;
  }
}
