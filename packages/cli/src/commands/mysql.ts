import type { ClusterDetail, MemberView } from '@cotton/api';
import type { Context } from '../context.ts';
import { CliError } from '../error.ts';
import { findMysqlClient, runMysql } from '../mysql-client.ts';
import { passwordOf, type PasswordOptions } from '../password.ts';
import { endpoint } from '../text.ts';

export interface MysqlOptions extends PasswordOptions {
  write?: boolean;
  member?: string;
  user?: string;
  database?: string;
  execute?: string;
}

const READ_ONLY = '--init-command=SET SESSION TRANSACTION READ ONLY';

/** Opens the client on the member that fits; its exit code. */
export async function mysql(
  context: Context,
  name: string,
  clientArgs: readonly string[],
  options: MysqlOptions,
): Promise<number> {
  const { settings, terminal } = context;
  const command = await findMysqlClient(settings.mysql, terminal.env);
  const cluster = await context.api().get(name, { signal: terminal.signal });
  const member = chooseMember(cluster, options);
  const { host, port } = member;
  if (host === null || port === null) throw new CliError('no_member', `${member.id} has no address yet`);
  const password = await passwordOf(context, cluster, options);
  const mode = options.write ? 'read-write' : 'read-only';
  context.progress(`${member.id} (${member.role}) at ${endpoint(member)}, ${mode}`);
  const args = [
    ...(options.write ? [] : [READ_ONLY]),
    ...(options.database === undefined ? [] : [`--database=${options.database}`]),
    ...(options.execute === undefined ? [] : [`--execute=${options.execute}`]),
    ...clientArgs,
  ];
  return runMysql(command, { host, port, user: options.user ?? cluster.user, password }, args);
}

/** For writing the primary; for reading a replica that has every write, then any replica, then the primary. */
export function chooseMember(
  cluster: ClusterDetail,
  options: Pick<MysqlOptions, 'write' | 'member'>,
): MemberView {
  const { members, name } = cluster;
  if (options.member !== undefined) {
    const member = members.find(({ id }) => id === options.member);
    if (!member) throw new CliError('no_member', `${name} has no member ${options.member}`);
    if (options.write && member.role !== 'primary')
      throw new CliError('usage', `${member.id} is not the primary: it takes no writes`);
    return member;
  }
  const primary = members.find(({ role }) => role === 'primary');
  const replicas = members.filter(({ role, state }) => role === 'replica' && state === 'RUNNING');
  const chosen = options.write
    ? primary
    : (replicas.find(({ in_sync }) => in_sync) ?? replicas[0] ?? primary);
  if (chosen) return chosen;
  const what = options.write ? 'primary' : 'member that serves';
  throw new CliError('no_member', `${name} has no ${what} at the moment: ${cluster.state} ${cluster.reason}`);
}
