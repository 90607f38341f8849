import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { download, remoteSize, type DownloadOptions } from './download.ts';

interface Entry {
  file: Promise<string>;
  bytes: number;
  usedAt: number;
}

/**
 * The agent's cache of fetched files. Its key is (user, URI): a file that changed at its source is not
 * noticed. Concurrent fetches of one URI share the download. The oldest entries make room for new ones.
 */
export class FetchCache {
  readonly #directory: string;
  readonly #limitBytes: number;
  readonly #entries = new Map<string, Entry>();
  #counter = 0;

  constructor(directory: string, limitBytes: number) {
    this.#directory = directory;
    this.#limitBytes = limitBytes;
  }

  /** Path of the cached copy; downloads it first if it is not there. */
  async file(user: string, uri: string, options: DownloadOptions): Promise<string> {
    const key = `${user}\n${uri}`;
    const known = this.#entries.get(key);
    if (known) {
      known.usedAt = Date.now();
      return known.file;
    }
    const entry: Entry = { file: this.#fetch(uri, options), bytes: 0, usedAt: Date.now() };
    this.#entries.set(key, entry);
    try {
      const path = await entry.file;
      entry.bytes = (await stat(path)).size;
      return path;
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  async #fetch(uri: string, options: DownloadOptions): Promise<string> {
    await mkdir(this.#directory, { recursive: true });
    const size = await remoteSize(uri, options.signal);
    if (size !== undefined) await this.#makeRoom(size);
    this.#counter += 1;
    const file = join(this.#directory, `c${process.pid}-${this.#counter}-${basename(uri)}`);
    await download(uri, `${file}.part`, options);
    await rename(`${file}.part`, file);
    return file;
  }

  async #makeRoom(bytes: number): Promise<void> {
    if (bytes > this.#limitBytes) throw new Error(`${bytes} bytes do not fit into the fetcher cache`);
    const oldestFirst = [...this.#entries].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    let used = oldestFirst.reduce((sum, [, entry]) => sum + entry.bytes, 0);
    for (const [key, entry] of oldestFirst) {
      if (used + bytes <= this.#limitBytes) return;
      if (entry.bytes === 0) continue; // Still downloading.
      this.#entries.delete(key);
      used -= entry.bytes;
      await rm(await entry.file, { force: true });
    }
  }
}
