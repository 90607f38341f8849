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
  #scratch: string | undefined;
  #stack: Promise<Stack> | undefined;
  #cluster: Promise<BenchCluster> | undefined;

  constructor(say: Say) {
    this.say = say;
  }

  /** A folder that is removed at the end. */
  async folder(name: string): Promise<string> {
    this.#scratch ??= await mkdtemp(join(tmpdir(), 'cotton-bench-'));
    return join(this.#scratch, name);
  }

  async api(): Promise<ApiClient> {
    return new ApiClient({ urls: [(await this.stack()).api] });
  }

  stack(): Promise<Stack> {
    this.#stack ??= this.folder('stack').then((stateDir) =>
      startStack({ stateDir, keep: false, progress: this.say }),
    );
    return this.#stack;
  }

  /** Three instances, healthy. */
  cluster(): Promise<BenchCluster> {
    this.#cluster ??= this.api().then((api) => createCluster(api, 'bench'));
    return this.#cluster;
  }

  /** For servers set up by hand beside the cluster; whoever asks closes it. */
  async builder(): Promise<Builder> {
    await this.cluster();
    const { stateDir } = await this.stack();
    return Builder.create(join(stateDir, 'mesos'), await this.folder('by-hand'));
  }

  async close(): Promise<void> {
    await (await this.#stack?.catch(() => undefined))?.stop();
    if (this.#scratch) await rm(this.#scratch, { recursive: true, force: true });
  }
}
