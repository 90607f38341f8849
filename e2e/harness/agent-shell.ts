import { execa } from 'execa';

const LIMIT_MS = 30_000;

/** Runs shell commands on the hosts of agents: the test's own eyes and hands there, next to Mesos. */
export class AgentShell {
  readonly #words: string[];

  /** @param template words of a command line; `{host}` stands for the host, the shell command is appended */
  constructor(template: string) {
    this.#words = template.trim().split(/\s+/);
  }

  /** @returns standard output, whatever the exit code. @throws when the shell itself cannot be run */
  async run(host: string, command: string): Promise<string> {
    const [program = '', ...args] = this.#words.map((word) => word.replaceAll('{host}', host));
    const result = await execa(program, [...args, command], { reject: false, timeout: LIMIT_MS });
    if (result.exitCode === undefined || result.exitCode === 255)
      throw new Error(`cannot run a command on ${host}: ${result.stderr || result.shortMessage}`);
    return result.stdout;
  }

  async kill(host: string, pid: number, signal: 'KILL' | 'STOP' | 'CONT' = 'KILL'): Promise<void> {
    await this.run(host, `kill -${signal} ${pid}`);
  }

  async isRunning(host: string, pid: number): Promise<boolean> {
    return (await this.run(host, `kill -0 ${pid} 2>/dev/null && echo yes`)) === 'yes';
  }
}
