/** MySQL Group Replication, single-primary, set up by hand as its manual says. */
import { randomUUID } from 'node:crypto';
import type { Account, Place } from '@cotton/chaos';
import { until } from '@cotton/setup';
import type { Setting } from './my-cnf.ts';
import type { HandMadeServer } from './server.ts';

/**
 * What the manual offers for a faster failover. A member is suspected after five seconds of silence, which nothing
 * sets; expelled then at once instead of after further five. The new primary takes writes before it has applied all.
 */
export const TUNED: readonly Setting[] = [
  ['group_replication_member_expel_timeout', '0'],
  ['group_replication_consistency', 'EVENTUAL'],
  ['group_replication_paxos_single_leader', 'ON'],
  ['group_replication_flow_control_mode', 'DISABLED'],
  ['group_replication_autorejoin_tries', '3'],
];

/** Settings of each member of one group. @param talks where members talk to each other, one for each */
export function groupSettings(
  talks: readonly Place[],
  tuning: readonly Setting[],
): readonly (readonly Setting[])[] {
  const name = randomUUID();
  const seeds = talks.map(({ host, port }) => `${host}:${port}`);
  return talks.map(({ host, port }) => [
    ['plugin_load_add', 'group_replication.so'],
    ['report_host', host],
    ['group_replication_group_name', name],
    ['group_replication_local_address', `${host}:${port}`],
    ['group_replication_group_seeds', seeds.join(',')],
    ['group_replication_start_on_boot', 'OFF'],
    ['group_replication_recovery_get_public_key', 'ON'],
    ...tuning,
  ]);
}

const JOIN_LIMIT_MS = 90_000;
const JOIN_PAUSE_MS = 500;

export class Group {
  readonly servers: readonly HandMadeServer[];
  readonly #account: Account;

  constructor(servers: readonly HandMadeServer[], account: Account) {
    this.servers = servers;
    this.#account = account;
  }

  /** The servers run already; the first one becomes primary. */
  async form(): Promise<void> {
    const [first, ...others] = this.servers;
    if (!first) throw new Error('a group needs servers');
    await first.run('SET GLOBAL group_replication_bootstrap_group = ON');
    await this.#startIn(first);
    await first.run('SET GLOBAL group_replication_bootstrap_group = OFF');
    for (const server of others) await this.join(server);
  }

  /** Also brings back one that was lost: the group lets it in once it has noticed the loss itself. */
  async join(server: HandMadeServer): Promise<void> {
    let refusal = '';
    const joins = async (): Promise<boolean> => {
      if ((await stateOf(server)) === 'ONLINE') return true;
      await this.#startIn(server).catch((error: unknown) => (refusal = (error as Error).message));
      return false;
    };
    const limits = { limitMs: JOIN_LIMIT_MS, pollMs: JOIN_PAUSE_MS, what: 'a member joins its group' };
    await until(joins, limits).catch((error: unknown) => {
      throw new Error(`${(error as Error).message} (${refusal || 'still recovering'})`, { cause: error });
    });
  }

  async #startIn(server: HandMadeServer): Promise<void> {
    if ((await stateOf(server)) === 'RECOVERING') return;
    // One that left the group with an error has to be stopped before it can start.
    await server.run('STOP GROUP_REPLICATION');
    await server.run('START GROUP_REPLICATION USER = ?, PASSWORD = ?', [
      ...[this.#account.user, this.#account.password],
    ]);
  }

  /** The member that clients write to. */
  async primary(): Promise<HandMadeServer> {
    for (const server of this.servers) {
      const [member] = await server.run(OWN_MEMBER).catch(() => []);
      if (member?.['role'] === 'PRIMARY' && member['state'] === 'ONLINE') return server;
    }
    throw new Error('the group has no primary');
  }

  async switchTo(server: HandMadeServer): Promise<void> {
    const [row] = await server.run('SELECT @@server_uuid AS uuid');
    await server.run('SELECT group_replication_set_as_primary(?)', [row?.['uuid']]);
  }
}

/** What a member thinks of itself. */
export const OWN_MEMBER = `SELECT MEMBER_STATE AS state, MEMBER_ROLE AS role, @@GLOBAL.super_read_only AS closed
  FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid`;

async function stateOf(server: HandMadeServer): Promise<string> {
  const [member] = await server.run(OWN_MEMBER);
  return String(member?.['state'] ?? 'OFFLINE');
}
