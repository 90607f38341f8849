/** What a record makes visible: the control document for its executors, and discovery for its clients. */
import type { Control, Member, Status } from './documents.ts';
import { currentGeneration, votersOf } from './electorate.ts';
import type { Observation } from './evidence.ts';
import { isAbsent, isAttached, leadOf, statusOf } from './evidence.ts';
import { serverId } from './identity.ts';
import { lossOf } from './loss.ts';
import { isUnneeded } from './membership.ts';
import type { ClusterRecord, Instance } from './record.ts';

/** @param secrets a sealed entry for each instance; the record itself has no secret to give. */
export function controlOf(record: ClusterRecord, secrets: Record<string, string>): Control {
  const { switchover, instances } = record;
  const current = currentGeneration(record);
  return {
    format: 1,
    cluster: { uid: record.uid, name: record.name },
    epoch: record.epoch,
    epochId: record.epochId,
    phase: record.phase,
    primary: record.primary?.instance ?? null,
    elected: record.elected,
    sourceUuid: record.primary?.data.serverUuid ?? null,
    members: instances.flatMap((i) => memberOf(record, i)),
    generation: current?.number ?? 0,
    inSync: current?.voters ?? [],
    ackCount: current?.ackCount ?? 0,
    barred: instances.filter((i) => i.id in record.barred).map((i) => serverId(i.ordinal)),
    heartbeatBoundMs: record.spec.durability.heartbeatBoundMs,
    switchover: switchover && {
      id: switchover.id,
      target: switchover.to,
      graceMs: switchover.graceMs,
      handedOver: switchover.handedOver,
    },
    user: record.spec.user,
    secrets,
  };
}

/** One that is to go stays a member as long as an election may need its report. */
function memberOf(record: ClusterRecord, instance: Instance): Member[] {
  if (isUnneeded(record, instance) || !instance.task || !instance.home) return [];
  const { hostname: host, port, httpPort } = instance.home;
  return [
    {
      instance: instance.id,
      serverId: serverId(instance.ordinal),
      taskId: instance.task.id,
      host,
      port,
      httpPort,
    },
  ];
}

export interface Endpoint {
  instance: string;
  ordinal: number;
  host: string;
  port: number;
  httpPort: number;
}

/** Whom clients may find. A deposed primary is out from the moment the election starts; replicas stay readable. */
export interface Discovery {
  primary: Endpoint | null;
  replicas: Endpoint[];
}

export function discoveryOf(record: ClusterRecord, seen: Observation): Discovery {
  const primary = record.instances.find((i) => i.id === servingPrimary(record, seen));
  const source = record.primary?.instance ?? '';
  const deposed = record.phase === 'electing' ? record.election?.deposed?.instance : undefined;
  const replicas = record.instances.filter((i) => {
    const status = statusOf(record, i.id, seen);
    if (i.intent === 'remove' || i.id === source || i.id === deposed) return false;
    // After an outage of ZooKeeper statuses come back one by one; readers need not go away meanwhile.
    if (!status && !isAbsent(record, i.id, seen)) return votersOf(record).some((v) => v.instance === i.id);
    return record.phase === 'electing'
      ? status?.role === 'replica' && status.mysqld === 'serving'
      : isAttached(record, status, source);
  });
  return {
    primary: (primary && endpointOf(primary)) ?? null,
    replicas: replicas.flatMap((i) => endpointOf(i) ?? []),
  };
}

/** Seen open; or without a status after it was, as long as it is not lost: losing ZooKeeper stops no primary. */
function servingPrimary(record: ClusterRecord, seen: Observation): string | undefined {
  const open = openPrimary(record, seen)?.instance;
  const { primary, phase, openedAtMs } = record;
  if (open !== undefined || !primary || phase !== 'steady' || openedAtMs === null) return open;
  const isUnseen = !statusOf(record, primary.instance, seen) && !lossOf(record, primary, seen);
  return isUnseen ? primary.instance : undefined;
}

/** The primary's status, while it is open for writes in this epoch. */
export function openPrimary(record: ClusterRecord, seen: Observation): Status | undefined {
  if (!record.primary || !leadOf(record, seen)) return undefined;
  const status = statusOf(record, record.primary.instance, seen);
  return status?.role === 'primary' ? status : undefined;
}

function endpointOf(instance: Instance): Endpoint | undefined {
  if (!instance.home || !instance.task) return undefined;
  const { hostname: host, port, httpPort } = instance.home;
  return { instance: instance.id, ordinal: instance.ordinal, host, port, httpPort };
}
