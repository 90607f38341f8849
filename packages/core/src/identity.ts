/**
 * Names. A cluster's name is for people; its uid, made at creation, goes with everything that lasts
 * (labels, persistence ids, task ids, control), so that a recreated name never meets its predecessor's data.
 */

/** Most instances one cluster may ask for. */
export const CLUSTER_NODES_MAX = 64;

const CLUSTER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,47}$/;

/** Names that would collide with the API's own words or MySQL's; listed in docs/reference/errors.md. */
export const RESERVED_CLUSTER_NAMES: readonly string[] = [
  'all',
  'cotton',
  'information_schema',
  'master',
  'mysql',
  'none',
  'performance_schema',
  'primary',
  'replica',
  'root',
  'slaves',
  'sys',
];

export type NameProblem = 'malformed' | 'reserved';

/** Why a cluster may not be called this, or undefined when it may. */
export function clusterNameProblem(name: string): NameProblem | undefined {
  if (!CLUSTER_NAME.test(name)) return 'malformed';
  return RESERVED_CLUSTER_NAMES.includes(name.toLowerCase()) ? 'reserved' : undefined;
}

/** Names that differ only in case are one name. */
export function sameClusterName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** `<cluster>-<n>`: the stable identity of one member, unique within its cluster for ever. */
export function instanceId(clusterName: string, ordinal: number): string {
  return `${clusterName}-${ordinal}`;
}

/** `<cluster>-<n>-<attempt>.<uid>`: one run of an instance; also its executor id. Unique across recreations. */
export function taskId(clusterUid: string, instance: string, attempt: number): string {
  return `${instance}-${attempt}.${clusterUid}`;
}

/** Whose task this is, and which attempt; undefined when it is none of the cluster's. */
export function runOf(clusterUid: string, task: string): { instance: string; attempt: number } | undefined {
  const [, instance = '', digits] = /^(.+)-(\d{1,9})\.[^.]+$/.exec(task) ?? [];
  const attempt = Number(digits);
  return task === taskId(clusterUid, instance, attempt) ? { instance, attempt } : undefined;
}

/** Which member of the cluster this is the id of; undefined when it is none. */
export function ordinalOf(clusterName: string, instance: string): number | undefined {
  const ordinal = Number(/-(\d{1,9})$/.exec(instance)?.[1] ?? NaN);
  return instance === instanceId(clusterName, ordinal) ? ordinal : undefined;
}

/** The persistent volume of an instance: unique per role and agent, as Mesos demands (`validation.cpp`). */
export function volumeId(clusterUid: string, ordinal: number): string {
  return `${clusterUid}-${ordinal}`;
}

/** MySQL's `server_id`, distinct within a cluster and never 0 (which would refuse replicas). */
export function serverId(ordinal: number): number {
  return ordinal + 1;
}
