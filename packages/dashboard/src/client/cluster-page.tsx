import type { ClusterDetail } from '@cotton/api';
import { useEffect } from 'preact/hooks';
import { api, describeError, isNotFound, reloadIfMoved } from './api.ts';
import { StateBadge } from './badges.tsx';
import { Connect } from './connect.tsx';
import { DeleteForm } from './delete-form.tsx';
import { HoldForm } from './hold-form.tsx';
import { linkTo } from './route.ts';
import { ScaleForm } from './scale-form.tsx';
import { SwitchoverForm } from './switchover-form.tsx';
import { Topology } from './topology.tsx';
import { Transitions } from './transitions.tsx';
import { useLive } from './use-live.ts';

const FOLLOWED = { intervalMs: 3_000, follow: true };

export function ClusterPage({ name, onChanged }: { name: string; onChanged: () => void }) {
  const { value, error, refresh } = useLive(
    `cluster ${name}`,
    (signal) => api.get(name, { signal }),
    FOLLOWED,
  );
  useEffect(() => reloadIfMoved(error, () => location.reload()), [error]);
  const changed = () => {
    refresh();
    onChanged();
  };
  if (isNotFound(error)) return <Gone name={name} existed={value !== undefined} />;
  if (!value) return <h1>{name}</h1>;
  return (
    <>
      {error !== undefined && (
        <p class="problem" role="alert">
          {describeError(error)} What is shown is old.
        </p>
      )}
      <ClusterView cluster={value} />
      {value.state !== 'DELETING' && (
        <>
          <SwitchoverForm cluster={value} onChanged={changed} />
          <HoldForm name={name} hold={value.hold} onChanged={changed} />
          <ScaleForm name={name} numNodes={value.num_nodes} onChanged={changed} />
          <DeleteForm name={name} onChanged={changed} />
        </>
      )}
    </>
  );
}

function Gone({ name, existed }: { name: string; existed: boolean }) {
  return (
    <>
      <h1>{name}</h1>
      <p role="status" data-testid="gone">
        {existed ? 'Deleted: nothing is left of this cluster.' : 'There is no cluster of this name.'}{' '}
        <a href={linkTo({ page: 'list' })}>All clusters</a>
      </p>
    </>
  );
}

export function ClusterView({ cluster }: { cluster: ClusterDetail }) {
  const { cpus, mem, disk } = cluster.size;
  return (
    <>
      <h1>
        {cluster.name} <StateBadge state={cluster.state} />{' '}
        {cluster.hold && (
          <span class="badge warn" data-testid="hold">
            no automatic failover
          </span>
        )}
      </h1>
      <p class="reason" role="status" data-testid="reason">
        {cluster.reason}
      </p>
      <Topology members={cluster.members} />
      <Connect cluster={cluster} />
      <dl class="facts" data-testid="facts">
        <Fact term="Instances" value={`${cluster.num_nodes} × ${cpus} cpus, ${mem} memory, ${disk} disk`} />
        <Fact term="Epoch" value={String(cluster.epoch)} />
        <Fact
          term="A write waits for"
          value={`${cluster.ack_count} of ${cluster.in_sync.length} replicas in sync`}
        />
        <Fact
          term="Electorate"
          value={`generation ${cluster.generation}${cluster.settled ? '' : ', not settled'}`}
        />
        <Fact term="Durability" value={durabilityText(cluster.durability)} />
        <Fact term="User" value={cluster.user} />
        <Fact term="Discovery" value={cluster.cluster_url} />
        <Fact term="Created" value={new Date(cluster.created_at).toLocaleString()} />
        <Fact term="uid" value={cluster.uid} />
      </dl>
      <Transitions running={cluster.in_progress} ended={cluster.transitions} />
    </>
  );
}

function durabilityText({ policy, min_in_sync, heartbeat_bound }: ClusterDetail['durability']): string {
  const alone = min_in_sync === 0 ? 'goes on alone' : 'blocks without replicas';
  return `${policy}, ${alone}, heartbeat bound ${heartbeat_bound}`;
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}
