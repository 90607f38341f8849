/**
 * The electorate: a list of generations, oldest first, of which the last is in force. A new one is appended (and
 * persisted) before anybody acts on it; the older ones go once the primary has shown, by a marker acknowledged under
 * the new rules, that the new voters hold everything. Until then an election has to satisfy all of them.
 */
import type { Voter } from './documents.ts';
import { sameVoter } from './duty.ts';
import type { Observation } from './evidence.ts';
import { leadOf } from './evidence.ts';
import type { ClusterRecord, Generation, Incarnation } from './record.ts';

/** Unsettled generations that a record may list. */
export const GENERATIONS_MAX = 8;

/** The generation in force; undefined before the first primary. */
export function currentGeneration(record: ClusterRecord): Generation | undefined {
  return record.electorate.at(-1);
}

export function votersOf(record: ClusterRecord): Voter[] {
  return currentGeneration(record)?.voters ?? [];
}

export function isSettled(record: ClusterRecord): boolean {
  return record.electorate.length <= 1;
}

/** Appends a generation of the present primary. Whoever leaves is barred until it is known to be silent. */
export function changeElectorate(record: ClusterRecord, voters: Voter[], ackCount: number): ClusterRecord {
  const current = currentGeneration(record);
  if (!current) return record;
  const number = record.nextGeneration;
  const left = current.voters.filter((v) => !voters.some((w) => w.instance === v.instance));
  const barred = { ...record.barred, ...Object.fromEntries(left.map((v) => [v.instance, number])) };
  for (const { instance } of voters) delete barred[instance];
  const { primary, elected } = current;
  return { ...appendGeneration(record, { primary, elected, voters, ackCount }), barred };
}

/**
 * The first generation of an epoch. Its primary may have been one before, and whoever missed what came in between may
 * still follow it and acknowledge: barred, like one that leaves.
 */
export function openElectorate(
  record: ClusterRecord,
  primary: Incarnation,
  elected: string,
  voters: Voter[],
  ackCount: number,
): ClusterRecord {
  const isFirst = record.electorate.length === 0;
  const others = record.instances.filter(
    (i) => i.id !== primary.instance && i.home?.seeded && !voters.some((v) => v.instance === i.id),
  );
  const barred = Object.fromEntries(isFirst ? [] : others.map((i) => [i.id, record.nextGeneration]));
  const opened = appendGeneration(record, { primary, elected, voters, ackCount });
  return { ...opened, barred, detachedSinceMs: {} };
}

function appendGeneration(record: ClusterRecord, rules: Omit<Generation, 'number' | 'epoch'>): ClusterRecord {
  const generation = { number: record.nextGeneration, epoch: record.epoch, ...rules };
  return {
    ...record,
    electorate: [...record.electorate, generation],
    nextGeneration: record.nextGeneration + 1,
  };
}

/** Drops what the primary has shown to be superseded. */
export function dropSettled(record: ClusterRecord, seen: Observation): ClusterRecord {
  const settled = leadOf(record, seen)?.settled ?? 0;
  const left = record.electorate.filter((g) => g.number >= settled);
  return left.length === record.electorate.length || left.length === 0
    ? record
    : { ...record, electorate: left };
}

/** The primary follows the rules of the generation in force, so that another change may begin. */
export function isEnforced(record: ClusterRecord, seen: Observation): boolean {
  return leadOf(record, seen)?.enforcing === currentGeneration(record)?.number;
}

/**
 * Whether one step may lead from these voters to those. With one acknowledgement every writer's replica is in the old
 * or the new set, and both are still asked. With more, one acknowledgement of a leaver and one of a joiner would add
 * up to a write that neither set holds in full: sets then only grow or only shrink.
 */
export function isOneStep(from: Generation, voters: Voter[], ackCount: number): boolean {
  const joins = voters.some((v) => !from.voters.some((w) => sameVoter(v, w)));
  const leaves = from.voters.some((v) => !voters.some((w) => sameVoter(v, w)));
  if (from.ackCount === 0 || ackCount === 0) return true;
  if (from.ackCount !== ackCount) return !joins && !leaves;
  return ackCount === 1 || !(joins && leaves);
}

/** An election may yet depend on the data of this instance. */
export function isNeeded(record: ClusterRecord, instance: string): boolean {
  if (record.phase === 'electing' && record.election?.everyone) return true;
  return isVoter(record, instance) || record.electorate.some((g) => g.primary.instance === instance);
}

export function isVoter(record: ClusterRecord, instance: string): boolean {
  return record.electorate.some((g) => g.voters.some((v) => v.instance === instance));
}

/** Volumes an election may yet depend on, whether or not their instances are to be removed. */
export function volumesNeeded(record: ClusterRecord): Set<string> {
  return new Set(
    record.electorate.flatMap((g) => [g.primary.data.volumeId, ...g.voters.map((v) => v.volumeId)]),
  );
}
