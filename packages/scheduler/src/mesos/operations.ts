/** Translates what placement decided into the operations of one ACCEPT. */
import type { ClusterSize, Launch, Release } from '@cotton/core';
import type { OfferOperation, Resource, TaskInfo } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import { freeOf } from './offer-view.ts';
import type { Owner } from './reservation.ts';
import { groupByInstance, groupKey, reservationFor } from './reservation.ts';

/** Where the volume appears in the sandbox. No slash: both filesystem isolators would silently skip it. */
export const VOLUME_PATH = 'data';

/** What an instance runs on, split between the executor (which owns the volume) and its task. */
export interface Footing {
  executor: Resource[];
  task: Resource[];
}

/** Volumes first: UNRESERVE of a volume, or before its DESTROY, fails as a whole. */
export function releaseOperations(
  release: Release,
  offered: readonly Resource[],
  owner: Owner,
): OfferOperation[] {
  const group = groupByInstance(offered, owner.installation).get(groupKey(release)) ?? [];
  const volumes = group.filter((r) => release.volumeIds.includes(r.disk?.persistence?.id ?? ''));
  const rest = release.rest ? group.filter((r) => !resources.isPersistentVolume(r)) : [];
  const bare = resources.add(volumes.map(resources.destroyVolume), rest);
  return [
    ...volumes.map((volume): OfferOperation => ({ type: 'DESTROY', destroy: { volumes: [volume] } })),
    ...(bare.length > 0
      ? [{ type: 'UNRESERVE', unreserve: { resources: bare } } satisfies OfferOperation]
      : []),
  ];
}

export interface LaunchPlan {
  operations: OfferOperation[];
  /** What is left of the agent's offers for the next launch. */
  rest: Resource[];
}

/**
 * RESERVE what is missing, CREATE the volume if it is new, LAUNCH, UNRESERVE what the launch leaves over, in one
 * ACCEPT. Mesos runs them in order and goes on after a failure: a LAUNCH whose CREATE failed ends in TASK_ERROR, and
 * the rest is offered again under our labels.
 */
export function launchOperations(
  launch: Launch,
  size: ClusterSize,
  offered: readonly Resource[],
  owner: Owner,
  toTask: (footing: Footing) => TaskInfo,
): LaunchPlan {
  const group = groupByInstance(offered, owner.installation).get(groupKey(launch)) ?? [];
  const missing = missingResources(launch, size, group, freeOf(offered));
  const reserved = resources.reserve(missing, reservationFor(owner, launch));
  const own = resources.add(group, reserved);
  const disk = own.find((r) => r.name === 'disk' && !resources.isPersistentVolume(r));
  const volume =
    launch.createVolume && disk ? newVolume(launch, size, disk, owner) : own.find(isVolumeOf(launch));
  const rest = resources.subtract(offered, [...missing, ...group]);
  if (!volume) return { operations: [], rest };
  const surplus = surplusOf(launch, size, own);
  const operations: OfferOperation[] = [
    ...(reserved.length > 0
      ? [{ type: 'RESERVE', reserve: { resources: reserved } } satisfies OfferOperation]
      : []),
    ...(launch.createVolume
      ? [{ type: 'CREATE', create: { volumes: [volume] } } satisfies OfferOperation]
      : []),
    { type: 'LAUNCH', launch: { taskInfos: [toTask(footingOf(launch, size, own, volume))] } },
    ...(surplus.length > 0
      ? [{ type: 'UNRESERVE', unreserve: { resources: surplus } } satisfies OfferOperation]
      : []),
  ];
  return { operations, rest };
}

function isVolumeOf(launch: Launch): (resource: Resource) => boolean {
  return (r) => resources.isPersistentVolume(r) && r.disk?.persistence?.id === launch.home.volumeId;
}

function newVolume(launch: Launch, size: ClusterSize, disk: Resource, owner: Owner): Resource {
  const { principal } = owner;
  const space: Resource = { ...disk, scalar: { value: size.diskMb } };
  return resources.createVolume(space, {
    id: launch.home.volumeId,
    containerPath: VOLUME_PATH,
    ...(principal === undefined ? {} : { principal }),
  });
}

function missingResources(
  launch: Launch,
  size: ClusterSize,
  group: readonly Resource[],
  free: readonly Resource[],
): Resource[] {
  const lacking = (name: 'cpus' | 'mem' | 'disk', wanted: number): Resource[] => {
    const amount = Math.round((wanted - resources.sumOf(group, name)) * 1000) / 1000;
    const source = free.find((r) => r.name === name && (r.scalar?.value ?? 0) >= amount);
    return amount > 0 && source ? [{ ...source, scalar: { value: amount } }] : [];
  };
  const held = resources.numbersIn(group, 'ports');
  const ports = [launch.home.port, launch.home.httpPort].filter((p) => !held.includes(p));
  const portSource = free.find((r) => r.name === 'ports');
  return [
    ...lacking('cpus', size.cpus),
    ...lacking('mem', size.memMb),
    ...(launch.createVolume ? lacking('disk', size.diskMb) : []),
    ...(ports.length > 0 && portSource ? [{ ...portSource, ranges: portRanges(ports) }] : []),
  ];
}

/**
 * What is reserved for the instance and offered beyond what its one launch takes: a RESERVE that was sent twice, because
 * the first was taken for lost, leaves it. Volumes are never part of it.
 */
function surplusOf(launch: Launch, size: ClusterSize, own: readonly Resource[]): Resource[] {
  const bare = own.filter((r) => !r.disk);
  // Reserved in two ways (an earlier principal or role): which of them the launch takes is not ours to guess.
  const only = (name: string): Resource | undefined => {
    const [one, ...others] = bare.filter((r) => r.name === name);
    return others.length === 0 ? one : undefined;
  };
  const beyond = (name: string, needed: number): Resource[] => {
    const source = only(name);
    const excess = Math.round(((source?.scalar?.value ?? 0) - needed) * 1000) / 1000;
    return source && excess > 0 ? [{ ...source, scalar: { value: excess } }] : [];
  };
  const ports = only('ports');
  const unused = resources
    .numbersIn(ports ? [ports] : [])
    .filter((p) => p !== launch.home.port && p !== launch.home.httpPort);
  return [
    ...beyond('cpus', size.cpus),
    ...beyond('mem', size.memMb),
    ...beyond('disk', launch.createVolume ? size.diskMb : 0),
    ...(ports && unused.length > 0 ? [{ ...ports, ranges: portRanges(unused) }] : []),
  ];
}

function portRanges(ports: number[]): { range: { begin: number; end: number }[] } {
  return { range: [...ports].sort((a, b) => a - b).map((port) => ({ begin: port, end: port })) };
}

const EXECUTOR_CPUS = 0.1;
const EXECUTOR_MEM_MB = 32;

/**
 * The volume belongs to the executor, not to the task: Mesos offers a task's resources as soon as its terminal
 * update passes, but an executor's only when its process has ended, and then mysqld has ended too.
 */
function footingOf(launch: Launch, size: ClusterSize, own: readonly Resource[], volume: Resource): Footing {
  const executorCpus = Math.min(EXECUTOR_CPUS, size.cpus / 2);
  const part = (name: string, value: number): Resource[] => {
    const source = own.find((r) => r.name === name);
    return source ? [{ ...source, scalar: { value } }] : [];
  };
  const ports = own.find((r) => r.name === 'ports');
  return {
    executor: [...part('cpus', executorCpus), ...part('mem', EXECUTOR_MEM_MB), volume],
    task: [
      ...part('cpus', Math.round((size.cpus - executorCpus) * 1000) / 1000),
      ...part('mem', size.memMb - EXECUTOR_MEM_MB),
      ...(ports ? [{ ...ports, ranges: portRanges([launch.home.port, launch.home.httpPort]) }] : []),
    ],
  };
}
