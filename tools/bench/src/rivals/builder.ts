/** Makes servers by hand, with the MySQL tree and the settings that Cotton's members run with. */
import type { Account } from '@cotton/chaos';
import { type MysqlInstallation, openMysqlTree } from '@cotton/mysql-ops';
import { ensureMysql, freePorts } from '@cotton/setup';
import { randomBytes } from 'node:crypto';
import { chmod, glob, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Setting } from './my-cnf.ts';
import { HandMadeServer } from './server.ts';

/** Where a server is to run. */
export interface Host {
  ip: string;
  launcher?: readonly string[];
}

const LOOPBACK = '127.0.0.1';
export const THIS_HOST: Host = { ip: LOOPBACK };

export class Builder {
  readonly account: Account = { user: 'bench', password: randomBytes(12).toString('hex') };
  readonly #mysql: MysqlInstallation;
  readonly #cottons: string;
  readonly #dir: string;
  readonly #servers: HandMadeServer[] = [];
  #made = 0;

  /**
   * @param volumes a folder with volumes of Cotton's members somewhere under it
   * @param dir removed by whoever gave it, after `close`
   */
  static async create(volumes: string, dir: string): Promise<Builder> {
    const { root } = await ensureMysql();
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o700);
    return new Builder(await openMysqlTree(root), await findMyCnf(volumes), dir);
  }

  private constructor(mysql: MysqlInstallation, cottons: string, dir: string) {
    this.#mysql = mysql;
    this.#cottons = cottons;
    this.#dir = dir;
  }

  /** Started one after the other, one at each host. */
  async servers(
    hosts: readonly Host[],
    settingsAt: (index: number) => readonly Setting[],
  ): Promise<HandMadeServer[]> {
    const servers: HandMadeServer[] = [];
    for (const [index, { ip, launcher }] of hosts.entries()) {
      const serverId = (this.#made += 1);
      const [port = 0] = await freePorts(LOOPBACK, 1);
      const server = await HandMadeServer.create({
        mysql: this.#mysql,
        cottons: this.#cottons,
        dir: join(this.#dir, `${serverId}`),
        place: { host: ip, port },
        serverId,
        settings: settingsAt(index),
        account: this.account,
        ...(launcher && { launcher }),
      });
      this.#servers.push(server);
      await server.start();
      servers.push(server);
    }
    return servers;
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.kill()));
  }
}

async function findMyCnf(folder: string): Promise<string> {
  for await (const file of glob('**/run/my.cnf', { cwd: folder }))
    return readFile(join(folder, file), 'utf8');
  throw new Error(`there is no my.cnf of Cotton's under ${folder}`);
}
