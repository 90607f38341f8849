import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './error.ts';
import { freePorts } from './free-port.ts';
import { tied } from './tied.ts';
import { writeZooKeeperConfig, type ZooKeeperConfig, type ZooKeeperMember } from './zookeeper-config.ts';
import { ensureZooKeeper, type ZooKeeperFiles } from './zookeeper-files.ts';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
/** ZooKeeper's usual ones. */
const [CLIENT_PORT, QUORUM_PORT, ELECTION_PORT] = [2181, 2888, 3888] as const;

export interface ZooKeeperOptions {
  /** A free one unless given. */
  port?: number;
  host?: string;
  tickTimeMs?: number;
  /** A temporary one, removed by `stop`, unless given. */
  dataDir?: string;
  /** What the process is started through: a command that sets something up and then becomes it (exec). */
  launcher?: readonly string[];
}

/** A real ZooKeeper server. It dies with this process, whatever ends it. */
export interface ZooKeeperServer {
  /** `host:port`, as clients connect. */
  readonly connect: string;
  readonly port: number;
  /** Of the current run. */
  readonly pid: number;
  readonly dataDir: string;
  /** Ends it in order. What a temporary data directory held is gone then. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL); `restart` brings it back with its data. */
  kill(): Promise<void>;
  /** Ends it if it still runs, and starts it on the same port and data. */
  restart(): Promise<void>;
}

/** Starts one server and waits until it serves. Fetches ZooKeeper on first use. */
export async function startZooKeeper(options: ZooKeeperOptions = {}): Promise<ZooKeeperServer> {
  const files = await ensureZooKeeper();
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? (await freePorts(host, 1))[0]!;
  const server = await prepare(files, options, { host, port });
  await server.startServing();
  return server;
}

/** A host of its own for one member of an ensemble, where nothing else listens. */
export interface ZooKeeperPlace extends Pick<ZooKeeperOptions, 'dataDir' | 'launcher'> {
  host: string;
}

/**
 * Starts servers that form one ensemble: one at each of `places`, or `members` on one host; `connect` of the answer
 * names all of them.
 */
export async function startZooKeeperEnsemble(
  options: { members?: number; host?: string; tickTimeMs?: number; places?: readonly ZooKeeperPlace[] } = {},
): Promise<{ connect: string; servers: ZooKeeperServer[]; stop(): Promise<void> }> {
  const files = await ensureZooKeeper();
  const host = options.host ?? '127.0.0.1';
  const places: readonly ZooKeeperPlace[] =
    options.places ?? Array.from({ length: options.members ?? 3 }, () => ({ host }));
  const ports = options.places ? undefined : await freePorts(host, places.length * 3);
  const portAt = (index: number, usual: number): number => ports?.[index] ?? usual;
  const members: ZooKeeperMember[] = places.map((place, index) => ({
    id: index + 1,
    host: place.host,
    quorumPort: portAt(index * 3, QUORUM_PORT),
    electionPort: portAt(index * 3 + 1, ELECTION_PORT),
  }));
  const servers = await Promise.all(
    places.map((place, index) =>
      prepare(
        files,
        { ...options, ...place },
        { host: place.host, port: portAt(index * 3 + 2, CLIENT_PORT), self: index + 1, members },
      ),
    ),
  );
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  try {
    await Promise.all(servers.map((server) => server.startServing()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { connect: servers.map((server) => server.connect).join(','), servers, stop };
}

async function prepare(
  files: ZooKeeperFiles,
  options: ZooKeeperOptions,
  place: Omit<ZooKeeperConfig, 'dataDir' | 'tickTimeMs'>,
): Promise<RunningZooKeeper> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'cotton-zk-')));
  const config = { ...place, dataDir, tickTimeMs: options.tickTimeMs ?? 500 };
  const configFile = await writeZooKeeperConfig(config);
  return new RunningZooKeeper(files, config, configFile, options);
}

class RunningZooKeeper implements ZooKeeperServer {
  readonly connect: string;
  readonly port: number;
  readonly dataDir: string;
  readonly #files: ZooKeeperFiles;
  readonly #host: string;
  readonly #configFile: string;
  readonly #options: ZooKeeperOptions;
  #child: ChildProcess | undefined;

  constructor(files: ZooKeeperFiles, config: ZooKeeperConfig, configFile: string, options: ZooKeeperOptions) {
    this.connect = `${config.host}:${config.port}`;
    this.port = config.port;
    this.dataDir = config.dataDir;
    this.#files = files;
    this.#host = config.host;
    this.#configFile = configFile;
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async startServing(): Promise<void> {
    this.#child = await this.#launch();
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await this.#isServing())) {
      if (this.#child.exitCode !== null || Date.now() > deadline) {
        const reason = await this.#lastErrors();
        await this.stop();
        throw new SetupError('zookeeper_failed', `ZooKeeper did not start on ${this.connect}:\n${reason}`);
      }
      await sleep(50);
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.#options.dataDir === undefined) await rm(this.dataDir, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.startServing();
  }

  /** A member without a quorum answers `srvr` without a mode; another server on our port has another directory. */
  async #isServing(): Promise<boolean> {
    const state = await fourLetterWord(this.#host, this.port, 'srvr');
    if (!state.includes('Mode:')) return false;
    return (await fourLetterWord(this.#host, this.port, 'conf')).includes(`dataDir=${this.dataDir}/`);
  }

  async #lastErrors(): Promise<string> {
    const lines = (await readFile(this.#logFile, 'utf8').catch(() => '')).trim().split('\n');
    const telling = lines.filter((line) => /ERROR|Exception|[Ii]nvalid/.test(line));
    return (telling.length > 0 ? telling : lines).slice(-10).join('\n');
  }

  get #logFile(): string {
    return join(this.dataDir, 'zookeeper.log');
  }

  async #launch(): Promise<ChildProcess> {
    const { java, classPath } = this.#files;
    const [program = '', ...args] = [
      ...(this.#options.launcher ?? []),
      java.program,
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1', // starts in half the time, and never runs long enough to miss the second compiler
      `-Dlog4j.configuration=file:${join(this.dataDir, 'log4j.properties')}`,
      '-cp',
      classPath,
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      this.#configFile,
    ];
    const log = await open(this.#logFile, 'a');
    try {
      return spawn(...tied(program, args), {
        stdio: ['ignore', log.fd, log.fd],
        env: { ...process.env, ...java.env },
      });
    } finally {
      await log.close();
    }
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await gone;
    clearTimeout(hard);
  }
}

/** The answer to one of ZooKeeper's four-letter commands; empty when there is none within a second. */
export function fourLetterWord(host: string, port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, host, () => socket.end(word));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => resolve(answer));
  });
}
