import { position, sampleStatistics } from '@cotton/mysql-ops';
import type { Conductor } from './conductor.ts';
import type { InstanceNames, InstanceState } from './instance-state.ts';
import { statusOf } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';

const SAMPLE_MS = 2_000;

export interface Reported {
  cluster: { uid: string; name: string };
  names: InstanceNames;
  state: InstanceState;
  keeper: MysqldKeeper | undefined;
  conductor: Conductor;
  zookeeper: string;
}

/** Body of `GET /status`: the published status, and what only this host can know. */
export async function reportOf(reported: Reported): Promise<Record<string, unknown>> {
  const { cluster, names, state, keeper, conductor, zookeeper } = reported;
  return {
    ...statusOf(state, names),
    cluster,
    executor_pid: process.pid,
    mysqld_pid: keeper?.pid ?? null,
    duty: conductor.duty.kind,
    control_epoch: conductor.control?.epoch ?? null,
    control_generation: conductor.control?.generation ?? null,
    barred: state.enforced?.barred ?? [],
    heartbeat_age_ms: heartbeatAgeMs(state),
    errant_slices: state.errant.length,
    steps: conductor.stepTimes.last,
    zookeeper,
    lag_seconds: state.lagSeconds,
    problem: state.problem,
    ...(await measure(keeper)),
  };
}

function heartbeatAgeMs({ open, pulse }: InstanceState): number | null {
  const { acknowledgedAtMs } = pulse;
  return open && acknowledgedAtMs !== null ? Math.round(performance.now() - acknowledgedAtMs) : null;
}

/** What has to be asked of mysqld; nulls while it does not answer. */
async function measure(keeper: MysqldKeeper | undefined): Promise<Record<string, unknown>> {
  const admin = keeper?.admin;
  const limit = { deadlineMs: SAMPLE_MS };
  const [place, sample] = admin
    ? await Promise.all([
        position(admin, limit).catch(() => undefined),
        sampleStatistics(admin, limit).catch(() => undefined),
      ])
    : [];
  return {
    gtid_executed: place?.executed ?? null,
    gtid_received: place?.received ?? null,
    semi_sync_active: sample?.semiSyncActive ?? null,
    semi_sync_clients: sample?.semiSyncClients ?? null,
    volume_bytes: sample?.volumeBytes ?? null,
    volume_free_bytes: sample?.volumeFreeBytes ?? null,
  };
}
