import { processTree, sendSignal } from '../keeper/process-tree.ts';
import type { ManagedProcess, ProcessExit } from './managed-process.ts';
import { waitForHttp } from './managed-process.ts';

export interface HandleOptions {
  process: ManagedProcess;
  ip: string;
  port: number;
  adminPort: number;
}

/** A master or agent process that a test or tool holds in its hands. */
export abstract class ProcessHandle {
  protected readonly process: ManagedProcess;
  readonly ip: string;
  readonly port: number;
  readonly #adminPort: number;

  constructor({ process, ip, port, adminPort }: HandleOptions) {
    this.process = process;
    this.ip = ip;
    this.port = port;
    this.#adminPort = adminPort;
  }

  /** `host:port`. */
  get address(): string {
    return `${this.ip}:${this.port}`;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  get pid(): number {
    return this.process.pid;
  }

  get running(): boolean {
    return this.process.running;
  }

  get exit(): ProcessExit {
    return this.process.exit;
  }

  get logTail(): string {
    return this.process.logTail;
  }

  /** Ends the process with a signal; executors of an agent live on. Resolves when it is gone. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.process.kill(signal);
  }

  /** SIGSTOP: the process is there and does not answer. */
  freeze(): void {
    this.process.signal('SIGSTOP');
  }

  thaw(): void {
    this.process.signal('SIGCONT');
  }

  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  /** Starts the process again on the same address and work directory, perhaps with other flags. */
  async start(changedFlags: Record<string, string> = {}): Promise<void> {
    this.process.start(changedFlags);
    await this.ready();
  }

  async restart(
    signal: NodeJS.Signals = 'SIGKILL',
    changedFlags: Record<string, string> = {},
  ): Promise<void> {
    await this.kill(signal);
    await this.start(changedFlags);
  }

  /** Sets a fault, for instance `/accepts/lose` on a master or `/link/cut` on an agent. */
  async fault(path: string, body: Record<string, unknown> = {}): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#adminPort}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`fault ${path}: ${response.status} ${await response.text()}`);
  }

  protected abstract ready(): Promise<void>;

  abstract stop(): Promise<void>;
}

/** A standby redirects, a leader may want credentials; until its recovery is done it answers 503. */
const SERVES = new Set([200, 307, 401]);

export class MasterHandle extends ProcessHandle {
  protected ready(): Promise<void> {
    return waitForHttp(`${this.url}/state`, this.process, (status) => SERVES.has(status));
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.kill('SIGTERM');
  }
}

export class AgentHandle extends ProcessHandle {
  readonly workDir: string;
  readonly hostname: string;
  /** The agent id as of the last look; empty until it has registered. */
  id = '';
  readonly #keeper: ManagedProcess;

  constructor(options: HandleOptions & { workDir: string; hostname: string; keeper: ManagedProcess }) {
    super(options);
    this.workDir = options.workDir;
    this.hostname = options.hostname;
    this.#keeper = options.keeper;
  }

  protected async ready(): Promise<void> {
    await waitForHttp(`${this.url}/health`, this.process, (status) => status === 200);
  }

  get host(): string {
    return this.ip;
  }

  /** Brings the keeper back too, where `powerOff` took it. */
  override async start(changedFlags: Record<string, string> = {}): Promise<void> {
    if (!this.#keeper.running) this.#keeper.start();
    await super.start(changedFlags);
  }

  /** Everything of this agent ends at once, as when its host loses power: nobody is left to tell how executors ended. */
  async powerOff(): Promise<void> {
    const pids = this.processes;
    for (const pid of pids) sendSignal(pid, 'SIGSTOP'); // or the keeper would still report its executors' ends
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    await Promise.all([this.process.ended(), this.#keeper.ended()]);
  }

  /** Agent, keeper, executors and what they started. */
  get processes(): number[] {
    return [this.process, this.#keeper].flatMap((one) => (one.running ? processTree(one.pid) : []));
  }

  /** Asks the agent for its id. */
  async refreshId(): Promise<string> {
    const response = await fetch(`${this.url}/state`);
    this.id = ((await response.json()) as { id: string }).id;
    return this.id;
  }

  /** Ends the agent and every executor it started. */
  async stop(): Promise<void> {
    this.thaw();
    await this.kill('SIGTERM');
    await this.#keeper.kill('SIGTERM');
  }
}
