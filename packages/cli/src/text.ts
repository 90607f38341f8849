/** Text for people. */
import type { ClusterDetail, ClusterSummary, MemberView, Size } from '@cotton/api';

/**
 * Makes text from elsewhere safe to print: control characters (also the newer ones that start terminal
 * sequences, U+0080 to U+009F) become spaces.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** Columns as wide as their widest cell, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return clean.map(line).join('\n');
}

export function sizeText({ cpus, mem, disk }: Size): string {
  return `${cpus} cpus, ${mem} mem, ${disk} disk`;
}

export function listText(clusters: readonly ClusterSummary[]): string {
  if (clusters.length === 0) return 'No clusters.';
  const rows = clusters.map((cluster) => [
    cluster.name,
    cluster.state,
    `${cluster.members_running}/${cluster.num_nodes}`,
    cluster.primary ?? '-',
    sizeText(cluster.size),
    cluster.user,
    cluster.created_at,
  ]);
  return table([['NAME', 'STATE', 'MEMBERS', 'PRIMARY', 'SIZE OF EACH', 'USER', 'CREATED'], ...rows]);
}

/** The verdict in one line: can it be written to, is all well, who is the primary, how many hold every write. */
export function verdict(cluster: ClusterDetail): string {
  const yes = (flag: boolean) => (flag ? 'yes' : 'NO');
  const replicas = Math.max(cluster.num_nodes - 1, 0);
  return [
    `AVAILABLE ${yes(cluster.primary !== null)}`,
    `HEALTHY ${yes(cluster.state === 'HEALTHY')}`,
    `PRIMARY ${cluster.primary ?? 'none'}`,
    `SYNCED ${cluster.in_sync.length}/${replicas}`,
  ].join('  ');
}

export function statusText(cluster: ClusterDetail): string {
  const head = [
    `${cluster.name}  ${cluster.state}  ${printable(cluster.reason)}`.trimEnd(),
    verdict(cluster),
    `uid ${cluster.uid}  epoch ${cluster.epoch}  acknowledgements ${cluster.ack_count}  user ${cluster.user}`,
    `${cluster.num_nodes} × ${sizeText(cluster.size)}  created ${cluster.created_at}`,
    cluster.cluster_url,
  ].map(printable);
  return [...head, ...tree(cluster.members)].join('\n');
}

/** The primary first, and its replicas as its branches. */
function tree(members: readonly MemberView[]): string[] {
  const primary = members.find(({ role }) => role === 'primary');
  const others = members.filter((member) => member !== primary);
  const lines = table([primary, ...others].filter((member) => member !== undefined).map(memberCells)).split(
    '\n',
  );
  const branches = primary ? lines.slice(1) : lines;
  const drawn = branches.map((line, index) => `${index === branches.length - 1 ? '└─' : '├─'} ${line}`);
  return primary ? [`●  ${lines[0]}`, ...drawn] : members.length > 0 ? ['○  no primary', ...drawn] : [];
}

function memberCells(member: MemberView): string[] {
  return [
    member.id,
    member.role,
    member.state,
    member.in_sync ? 'in sync' : '',
    endpoint(member) ?? 'no address yet',
    member.version ?? '',
    member.message,
  ];
}

export function endpoint({ host, port }: Pick<MemberView, 'host' | 'port'>): string | undefined {
  if (host === null || port === null) return undefined;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
