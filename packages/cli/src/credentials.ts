/**
 * The passwords that `create` was answered, in `~/.config/cotton/credentials.json`, readable by its owner only.
 * An entry belongs to one cluster uid at one API: a recreated name never gets its predecessor's password, and no
 * other scheduler is ever sent it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from './error.ts';

export interface Credential {
  /** Addresses of the schedulers at creation. */
  api: string[];
  uid: string;
  name: string;
  user: string;
  password: string;
}

interface CredentialsFile {
  format: 1;
  clusters: Credential[];
}

const LOCK_WAIT_MS = 5_000;
/** Longer than any write takes: whoever held the lock is dead. */
const LOCK_STALE_MS = 10_000;

export class CredentialStore {
  readonly path: string;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'credentials.json');
  }

  async find(api: readonly string[], uid: string): Promise<Credential | undefined> {
    const { clusters } = await this.#read();
    return clusters.find((entry) => entry.uid === uid && entry.api.some((url) => api.includes(url)));
  }

  save(credential: Credential): Promise<void> {
    return this.#update((clusters) => [...clusters.filter(({ uid }) => uid !== credential.uid), credential]);
  }

  remove(uid: string): Promise<void> {
    return this.#update((clusters) => clusters.filter((entry) => entry.uid !== uid));
  }

  async #update(change: (clusters: Credential[]) => Credential[]): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await this.#locked(async () => {
      const { clusters } = await this.#read();
      await this.#write({ format: 1, clusters: change(clusters) });
    });
  }

  async #read(): Promise<CredentialsFile> {
    const text = await readFile(this.path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return '{"format":1,"clusters":[]}';
      throw new CliError('bad_credentials_file', `Cannot read ${this.path}: ${cause.code}`, { cause });
    });
    try {
      const file = JSON.parse(text) as CredentialsFile;
      if (file.format === 1 && Array.isArray(file.clusters)) return file;
    } catch {
      // Without the cause: the parser's message quotes the file, which holds passwords.
    }
    throw new CliError('bad_credentials_file', `${this.path} is damaged or from another version of cotton`);
  }

  /** Written beside and renamed over: a crash leaves the old file or the new one. */
  async #write(file: CredentialsFile): Promise<void> {
    const temporary = `${this.path}.${randomBytes(6).toString('hex')}`;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.path);
  }

  /** Two commands at once must not lose each other's entry. */
  async #locked(work: () => Promise<void>): Promise<void> {
    const lock = `${this.path}.lock`;
    const giveUpAt = Date.now() + LOCK_WAIT_MS;
    while (!(await tryLock(lock))) {
      if (Date.now() > giveUpAt)
        throw new CliError('bad_credentials_file', `${lock} is held by another cotton command`, {
          exit: 'failed',
        });
      await sleep(20);
    }
    try {
      await work();
    } finally {
      await rm(lock, { force: true });
    }
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > LOCK_STALE_MS) await rm(lock, { force: true });
  return false;
}
