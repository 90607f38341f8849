/** Another server on a dead member's port: the same accounts and older data, as a restored backup would have them. */
import type { ClusterDetail } from '@cotton/api';
import type { AgentHandle } from '@cotton/mesos-local';
import { openMysqlTree } from '@cotton/mysql-ops';
import { ensureMysql } from '@cotton/setup';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab/lab.ts';
import { processesIn } from '../lab/processes.ts';
import type { Place } from '../load/signpost.ts';
import { type Account, connect } from '../load/sql.ts';
import { volumesOf } from './volumes.ts';

const START_LIMIT_MS = 60_000;
const POLL_MS = 50;

export class ForeignServers {
  readonly #lab: Lab;
  readonly #account: Account;
  readonly #running: { child: ChildProcess; dir: string }[] = [];

  constructor(lab: Lab, account: Account) {
    this.#lab = lab;
    this.#account = account;
  }

  /**
   * The member's host must be down.
   * @returns false where the port is still in use, or none
   * @throws when the stranger does not answer clients
   */
  async occupy(agent: AgentHandle, cluster: ClusterDetail): Promise<boolean> {
    const port = cluster.members.find(({ host }) => host === agent.ip)?.port;
    const [volume] = await volumesOf(agent);
    if (volume === undefined || !port || processesIn(agent.workDir).mysqlds.length > 0) return false;
    await this.#start(agent, volume, port);
    await this.#untilAnswering({ host: agent.ip, port });
    return true;
  }

  async stopAll(): Promise<void> {
    for (const { child, dir } of this.#running.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      await rm(dir, { recursive: true, force: true });
    }
  }

  async #untilAnswering(place: Place): Promise<void> {
    const deadline = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        return (await connect(place, this.#account)).destroy();
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(POLL_MS);
      }
    }
  }

  async #start(agent: AgentHandle, volume: string, port: number): Promise<void> {
    const dir = join(this.#lab.dir, 'foreign');
    await rm(dir, { recursive: true, force: true });
    for (const name of ['tmp', 'log', 'run']) await mkdir(join(dir, name), { recursive: true });
    await cp(join(volume, 'data'), join(dir, 'data'), {
      recursive: true,
      filter: (path) => !path.includes('.sock'),
    });
    // Another server has another UUID.
    await rm(join(dir, 'data', 'auto.cnf'), { force: true });
    const config = await writeConfig(volume, dir, port);
    const { launcher } = this.#lab.ground.host(this.#lab.hostNameOf(agent));
    const { mysqld } = await openMysqlTree((await ensureMysql()).root);
    const program = [...launcher, ...mysqld, `--defaults-file=${config}`, '--user=root'];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...program], { stdio: 'ignore', cwd: dir });
    child.on('error', () => undefined);
    this.#running.push({ child, dir });
  }
}

/** The member's own configuration in another place, open to clients. It holds a transaction that nobody may replicate. */
async function writeConfig(volume: string, dir: string, port: number): Promise<string> {
  const file = join(dir, 'my.cnf');
  const initFile = join(dir, 'init.sql');
  const statements = [
    'SET GLOBAL super_read_only = OFF',
    'CREATE DATABASE of_a_stranger',
    'SET GLOBAL super_read_only = ON',
  ];
  await writeFile(initFile, statements.map((statement) => `${statement};\n`).join(''));
  const text = await readFile(join(volume, 'run/my.cnf'), 'utf8');
  const lines = text.replaceAll(volume, dir).split('\n');
  // Nobody acknowledges what it commits: it would wait before it listens.
  const kept = lines.filter(
    (line) => !/^(init_file|port|server_id|offline_mode|rpl_semi_sync_source_\w+) = /.test(line),
  );
  await writeFile(
    file,
    [...kept, `port = ${port}`, 'server_id = 4242', `init_file = "${initFile}"`, ''].join('\n'),
  );
  return file;
}
