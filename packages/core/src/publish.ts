/** What a record makes visible: the control document for its executors, and discovery for its clients. */
import type { Control, Member, Status } from './documents.ts';
import type { Observation } from './evidence.ts';
import { isAttached, statusOf } from './evidence.ts';
import { serverId } from './identity.ts';
import type { ClusterRecord, Instance } from './record.ts';

/** @param secrets a sealed entry for each instance; the record itself has no secret to give. */
export function controlOf(record: ClusterRecord, secrets: Record<string, string>): Control {
  const source = record.primary ?? record.election?.candidate;
  return {
    format: 1,
    cluster: { uid: record.uid, name: record.name },
    epoch: record.epoch,
    phase: record.phase,
    primary: record.primary?.instance ?? null,
    candidate: record.election?.candidate?.instance ?? null,
    elected: record.election?.elected ?? null,
    sourceUuid: source?.data.serverUuid ?? null,
    members: record.instances.flatMap((i) => memberOf(i)),
    inSync: record.inSync,
    ackCount: record.ackCount,
    user: record.spec.user,
    secrets,
  };
}

function memberOf(instance: Instance): Member[] {
  if (instance.intent === 'remove' || !instance.task || !instance.home) return [];
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
  const open = openPrimary(record, seen);
  const primary = record.instances.find((i) => i.id === open?.instance);
  const source = record.primary?.instance ?? record.election?.candidate?.instance ?? '';
  const deposed = record.election?.deposed?.instance;
  const replicas = record.instances.filter((i) => {
    const status = statusOf(record, i.id, seen);
    if (i.intent === 'remove' || i.id === source || i.id === deposed) return false;
    return record.phase === 'steady'
      ? isAttached(record, status, source)
      : status?.role === 'replica' && status.mysqld === 'serving';
  });
  return {
    primary: (primary && endpointOf(primary)) ?? null,
    replicas: replicas.flatMap((i) => endpointOf(i) ?? []),
  };
}

/** The primary's status, once it has opened this epoch for writes. */
export function openPrimary(record: ClusterRecord, seen: Observation): Status | undefined {
  if (record.phase !== 'steady' || !record.primary) return undefined;
  const status = statusOf(record, record.primary.instance, seen);
  const open =
    status?.role === 'primary' &&
    status.epoch === record.epoch &&
    status.incarnation === record.primary.incarnation &&
    status.ackCount !== null;
  return open ? status : undefined;
}

function endpointOf(instance: Instance): Endpoint | undefined {
  if (!instance.home || !instance.task) return undefined;
  const { hostname: host, port, httpPort } = instance.home;
  return { instance: instance.id, ordinal: instance.ordinal, host, port, httpPort };
}
