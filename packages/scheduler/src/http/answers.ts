/** From the engine's view of a cluster to the API's. */
import {
  formatDuration,
  formatSize,
  type ClusterDetail,
  type ClusterList,
  type ClusterSummary,
  type Durability,
  type Generation,
  type MemberView,
  type Resources,
} from '@cotton/api';
import type { ClusterRecord, Generation as CoreGeneration } from '@cotton/core';
import { ackCountOf, currentGeneration, isSettled, votersOf } from '@cotton/core';
import type { ClusterEntry, ClusterService } from '../cluster-service.ts';
import { finishedViews, inProgressView } from '../transition-view.ts';
import type { HttpOptions } from './options.ts';

export function clusterDetail(entry: ClusterEntry, service: ClusterService): ClusterDetail {
  const { record, view } = entry;
  return {
    ...clusterSummary(entry, service),
    epoch: record.epoch,
    ack_count: currentGeneration(record)?.ackCount ?? 0,
    in_sync: votersOf(record).map((voter) => voter.instance),
    generation: currentGeneration(record)?.number ?? 0,
    settled: isSettled(record),
    electorate: record.electorate.map(generationView),
    durability: durabilityView(record),
    promotion: record.spec.promotion,
    in_progress: inProgressView(record),
    transitions: finishedViews(record),
    members: view.members.map(memberView),
  };
}

export function clusterList(service: ClusterService, options: HttpOptions): ClusterList {
  const entries = inOrderOfCreation(service.list());
  const records = entries.map(({ record }) => record);
  const { master = null, frameworkId = null } = options.mesos?.() ?? {};
  return {
    clusters: entries.map((entry) => clusterSummary(entry, service)),
    mesos: {
      connected: service.ready(),
      master,
      framework_id: frameworkId,
      stand_in: service.standIn(),
    },
    resources: {
      requested: sumOf(records, (record) => record.spec.nodes),
      used: sumOf(records, (record) => record.instances.filter(({ task }) => task !== null).length),
    },
  };
}

/** What `count` instances of each cluster take together. */
export function sumOf(
  records: readonly ClusterRecord[],
  count: (record: ClusterRecord) => number,
): Resources {
  const sum = { cpus: 0, mem_mb: 0, disk_mb: 0 };
  for (const record of records) {
    const instances = count(record);
    sum.cpus += record.spec.size.cpus * instances;
    sum.mem_mb += record.spec.size.memMb * instances;
    sum.disk_mb += record.spec.size.diskMb * instances;
  }
  // Mesos keeps three decimals; more would only be floating-point noise.
  return { ...sum, cpus: Math.round(sum.cpus * 1000) / 1000 };
}

function clusterSummary({ record, view, oversized }: ClusterEntry, service: ClusterService): ClusterSummary {
  return {
    uid: record.uid,
    name: record.name,
    state: view.state,
    reason: oversized === null ? view.reason : `${view.reason}; ${oversized}`,
    num_nodes: record.spec.nodes,
    members_running: view.members.filter(({ state, role }) => state === 'RUNNING' && role !== 'none').length,
    primary: view.members.find(({ role }) => role === 'primary')?.id ?? null,
    size: formatSize(record.spec.size),
    user: record.spec.user,
    cluster_url: service.clusterUrl(record.name),
    created_at: new Date(record.createdAtMs).toISOString(),
    hold: record.spec.hold,
  };
}

function generationView({ number, epoch, primary, voters, ackCount }: CoreGeneration): Generation {
  return {
    number,
    epoch,
    primary: primary.instance,
    ack_count: ackCount,
    in_sync: voters.map(({ instance }) => instance),
  };
}

function durabilityView({ spec }: ClusterRecord): Durability {
  const { acks, minInSync, policy, heartbeatBoundMs } = spec.durability;
  return {
    acks,
    acks_wanted: ackCountOf(spec),
    min_in_sync: minInSync,
    policy,
    heartbeat_bound: formatDuration(heartbeatBoundMs),
  };
}

function memberView(member: ClusterEntry['view']['members'][number]): MemberView {
  return {
    id: member.id,
    role: member.role,
    state: member.state,
    in_sync: member.inSync,
    host: member.host,
    port: member.port,
    http_port: member.httpPort,
    agent_id: member.agentId,
    task_id: member.taskId,
    version: member.version,
    message: member.message,
    errant: member.errant.map(({ gtids, file, savedAtMs }) => ({
      gtids,
      file,
      saved_at: new Date(savedAtMs).toISOString(),
    })),
  };
}

function inOrderOfCreation(entries: readonly ClusterEntry[]): ClusterEntry[] {
  return entries.toSorted((a, b) => a.record.createdAtMs - b.record.createdAtMs);
}
