/** For this package's tests: clusters as the API shows them. */
import type { ClusterDetail, ClusterList, ClusterSummary, MemberView, Transition } from '@cotton/api';

export function summary(change: Partial<ClusterSummary> = {}): ClusterSummary {
  return {
    uid: 'abcdefabcdef',
    name: 'demo',
    state: 'HEALTHY',
    reason: '3 of 3 members serve',
    num_nodes: 3,
    members_running: 3,
    primary: 'demo-0',
    size: { cpus: 1, mem: '512mb', disk: '2gb' },
    user: 'jane',
    cluster_url: 'zk://127.0.0.1:2181/cotton/discover/demo',
    created_at: '2026-01-02T03:04:05.000Z',
    hold: false,
    ...change,
  };
}

export function member(n: number, change: Partial<MemberView> = {}): MemberView {
  return {
    id: `demo-${n}`,
    role: n === 0 ? 'primary' : 'replica',
    state: 'RUNNING',
    in_sync: n > 0,
    host: `127.0.0.${n + 2}`,
    port: 31000,
    http_port: 31001,
    agent_id: `agent-${n}`,
    task_id: `demo-${n}-1.abcdefabcdef`,
    version: '9.7.4',
    message: '',
    errant: [],
    ...change,
  };
}

export function transition(change: Partial<Transition> = {}): Transition {
  return {
    id: 'a',
    kind: 'failover',
    outcome: 'ok',
    epoch: 2,
    cause: 'mysqld of demo-0 died',
    detail: '',
    from: 'demo-0',
    to: 'demo-1',
    started_at: '2026-01-02T03:04:05.000Z',
    ended_at: '2026-01-02T03:04:05.310Z',
    steps: [
      { step: 'deposed', at: '2026-01-02T03:04:05.000Z' },
      { step: 'opened', at: '2026-01-02T03:04:05.310Z' },
    ],
    ...change,
  };
}

export function detail(change: Partial<ClusterDetail> = {}): ClusterDetail {
  return {
    ...summary(),
    epoch: 1,
    ack_count: 1,
    in_sync: ['demo-1', 'demo-2'],
    generation: 4,
    settled: true,
    electorate: [{ number: 4, epoch: 1, primary: 'demo-0', ack_count: 1, in_sync: ['demo-1', 'demo-2'] }],
    durability: {
      acks: null,
      acks_wanted: 1,
      min_in_sync: 0,
      policy: 'lossless',
      heartbeat_bound: '3s',
    },
    promotion: {},
    in_progress: null,
    transitions: [],
    members: [member(0), member(1), member(2)],
    ...change,
  };
}

export function clusterList(clusters: ClusterSummary[], standIn = false): ClusterList {
  return {
    clusters,
    mesos: { connected: true, master: '127.0.0.1:5050', framework_id: 'f', stand_in: standIn },
    resources: {
      requested: { cpus: 3, mem_mb: 1536, disk_mb: 6144 },
      used: { cpus: 2, mem_mb: 1024, disk_mb: 4096 },
    },
  };
}
