/** Keeps what clients find as it should be, beside the decisions: one write at a time, the newest wish wins. */
import type { Discovery } from '@cotton/core';
import type { CoordinationPort } from './ports.ts';

export class DiscoveryPublisher {
  readonly #cluster: string;
  readonly #coordination: CoordinationPort;
  readonly #onFatal: (error: unknown) => void;
  #wanted: { text: string; discovery: Discovery } | undefined;
  #written = '';
  /** Counts what may have taken away what was written. */
  #doubts = 0;
  #writing: Promise<void> | undefined;

  constructor(cluster: string, coordination: CoordinationPort, onFatal: (error: unknown) => void) {
    this.#cluster = cluster;
    this.#coordination = coordination;
    this.#onFatal = onFatal;
  }

  /** Returns at once. */
  want(discovery: Discovery): void {
    this.#wanted = { text: JSON.stringify(discovery), discovery };
    this.#start();
  }

  /** What was written may be gone: ZooKeeper came back, possibly from an old copy. */
  wantAgain(): void {
    this.#written = '';
    this.#doubts += 1;
    if (this.#wanted) this.#start();
  }

  #start(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      // A wish that came between the last look and here.
      if (this.#isBehind()) this.#start();
    });
  }

  #isBehind(): boolean {
    return this.#wanted !== undefined && this.#wanted.text !== this.#written;
  }

  /** Takes the cluster out, after what is still being written. */
  async remove(): Promise<void> {
    this.#wanted = undefined;
    await this.#writing;
    await this.#coordination.removeDiscovery(this.#cluster);
  }

  close(): void {
    this.#wanted = undefined;
  }

  async #write(): Promise<void> {
    try {
      while (this.#wanted && this.#isBehind()) {
        const { text, discovery } = this.#wanted;
        const doubts = this.#doubts;
        await this.#coordination.publishDiscovery(this.#cluster, discovery);
        if (doubts === this.#doubts) this.#written = text;
      }
    } catch (error) {
      this.#wanted = undefined;
      this.#onFatal(error);
    }
  }
}
