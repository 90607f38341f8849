import type { AgentHandle } from '@cotton/mesos-local';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freezeDisk, thawDisk } from '../lab/disk.ts';

const CHUNK = Buffer.alloc(1 << 20);
/** More than any small disk holds. */
const MOST_CHUNKS = 8_192;

/** Fills and freezes the file systems that agents have their volumes on. */
export class Disks {
  readonly #fillers = new Set<string>();
  readonly #frozen = new Set<string>();

  async freeze(agent: AgentHandle): Promise<void> {
    const dir = join(agent.workDir, 'volumes');
    this.#frozen.add(dir);
    await freezeDisk(dir);
  }

  async fill(agent: AgentHandle): Promise<void> {
    const filler = join(agent.workDir, 'volumes', 'filler');
    this.#fillers.add(filler);
    const file = await open(filler, 'w');
    try {
      for (let chunk = 0; chunk < MOST_CHUNKS; chunk += 1) await file.write(CHUNK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  /** As a host that lost its power comes back: nothing hangs any more. */
  async thaw(agent: AgentHandle): Promise<void> {
    const dir = join(agent.workDir, 'volumes');
    if (this.#frozen.delete(dir)) await thawDisk(dir);
  }

  async freeAll(): Promise<void> {
    await Promise.all([...this.#frozen].map(thawDisk));
    this.#frozen.clear();
    for (const filler of this.#fillers) await rm(filler, { force: true });
    this.#fillers.clear();
  }
}
