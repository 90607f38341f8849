/** Text for people. */
import type { ClusterDetail, ClusterSummary, Durability, MemberView, Size, Transition } from '@cotton/api';

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

/** One that is BLOCKED may have a primary, which waits for acknowledgements or is lost and on hold. */
export function takesWrites({ primary, state }: ClusterDetail): boolean {
  return primary !== null && state !== 'BLOCKED' && state !== 'DELETING';
}

/** The verdict in one line: can it be written to, is all well, who is primary, how many acknowledge, what was saved. */
export function verdict(cluster: ClusterDetail): string {
  const yes = (flag: boolean) => (flag ? 'yes' : 'NO');
  const replicas = Math.max(cluster.num_nodes - 1, 0);
  return [
    `AVAILABLE ${yes(takesWrites(cluster))}`,
    `HEALTHY ${yes(cluster.state === 'HEALTHY')}`,
    `PRIMARY ${cluster.primary ?? 'none'}`,
    `SYNCED ${cluster.in_sync.length}/${replicas}`,
    `ERRANT ${cluster.members.reduce((sum, { errant }) => sum + errant.length, 0)}`,
  ].join('  ');
}

/** Elections and switchovers that `status` shows; --json has all. */
const TRANSITIONS_SHOWN = 3;

export function statusText(cluster: ClusterDetail): string {
  const { in_progress, transitions, durability } = cluster;
  const electorate = `generation ${cluster.generation}${cluster.settled ? '' : ' (not settled)'}`;
  const head = [
    `${cluster.name}  ${cluster.state}  ${cluster.reason}`.trimEnd(),
    verdict(cluster),
    `uid ${cluster.uid}  epoch ${cluster.epoch}  ${electorate}  acknowledgements ${cluster.ack_count}  user ${cluster.user}`,
    ...(cluster.hold ? ['HOLD: no automatic failover'] : []),
    ...(isUsual(durability) ? [] : [durabilityText(durability)]),
    `${cluster.num_nodes} × ${sizeText(cluster.size)}  created ${cluster.created_at}`,
    cluster.cluster_url,
  ].map(printable);
  return [
    ...head,
    ...tree(cluster.members),
    ...errantLines(cluster.members),
    ...(in_progress ? [`now: ${transitionText(in_progress)}`] : []),
    ...transitions.slice(0, TRANSITIONS_SHOWN).map(transitionText),
  ].join('\n');
}

export function durabilityText(durability: Durability): string {
  const { acks, acks_wanted, min_in_sync, policy, heartbeat_bound } = durability;
  const wanted = acks === null ? `${acks_wanted} (auto)` : String(acks_wanted);
  return `durability ${policy}  acks ${wanted}  min_in_sync ${min_in_sync}  heartbeat_bound ${heartbeat_bound}`;
}

function isUsual({ acks, min_in_sync, policy }: Durability): boolean {
  return acks === null && min_in_sync === 0 && policy === 'lossless';
}

/** When, what, how it ended and how long each step took since the beginning. */
export function transitionText(transition: Transition): string {
  const { id, kind, from, to, outcome, cause, detail, started_at } = transition;
  const whom = [from, to].filter((id) => id !== null).join(' → ');
  const since = (at: string) => `+${((Date.parse(at) - Date.parse(started_at)) / 1000).toFixed(2)} s`;
  const steps = transition.steps.map(({ step, at }) => `${step} ${since(at)}`).join(', ');
  const why = [cause, detail].filter(Boolean).join('; ');
  return printable(`${started_at}  ${id}  ${kind} ${whom}  ${outcome}  ${why}  (${steps})`);
}

function errantLines(members: readonly MemberView[]): string[] {
  return members.flatMap(({ id, errant }) =>
    errant.map(({ gtids, file, saved_at }) =>
      printable(`errant  ${id}  ${gtids}  saved ${saved_at} in its volume as ${file}`),
    ),
  );
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
