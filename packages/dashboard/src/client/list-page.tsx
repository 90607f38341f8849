import { CLUSTER_STATES, type ClusterList, type ClusterState, type ClusterSummary } from '@cotton/api';
import { useState } from 'preact/hooks';
import { StateBadge } from './badges.tsx';
import { countByState, findClusters, type Filter } from './find-clusters.ts';
import { Resources } from './resources.tsx';
import { linkTo } from './route.ts';

export function ListPage({ list }: { list: ClusterList | undefined }) {
  const [filter, setFilter] = useState<Filter>({ text: '', state: 'any', page: 0 });
  if (!list) return <h1>Clusters</h1>;
  const { clusters, resources } = list;
  if (clusters.length === 0) return <NoClusters />;
  const found = findClusters(clusters, filter);
  return (
    <>
      <h1>Clusters</h1>
      <Glance clusters={clusters} />
      <Resources {...resources} />
      <Search filter={filter} onChange={(change) => setFilter({ ...filter, page: 0, ...change })} />
      <p role="status" data-testid="match-count">
        {found.count === clusters.length
          ? `${found.count} clusters`
          : `${found.count} of ${clusters.length} clusters`}
      </p>
      <ul class="clusters" data-testid="clusters">
        {found.shown.map((cluster) => (
          <ClusterCard key={cluster.uid} cluster={cluster} />
        ))}
      </ul>
      {found.pages > 1 && (
        <nav class="pages" aria-label="Pages of the list">
          <button disabled={found.page === 0} onClick={() => setFilter({ ...filter, page: found.page - 1 })}>
            Previous
          </button>
          <span data-testid="page">
            Page {found.page + 1} of {found.pages}
          </span>
          <button
            disabled={found.page === found.pages - 1}
            onClick={() => setFilter({ ...filter, page: found.page + 1 })}
          >
            Next
          </button>
        </nav>
      )}
    </>
  );
}

function NoClusters() {
  return (
    <>
      <h1>Clusters</h1>
      <p data-testid="no-clusters">
        There is no cluster yet. <a href={linkTo({ page: 'create' })}>Create the first one.</a>
      </p>
    </>
  );
}

function Glance({ clusters }: { clusters: readonly ClusterSummary[] }) {
  return (
    <p class="glance" data-testid="glance">
      {countByState(clusters).map(([state, count]) => (
        <span key={state}>
          {count} <StateBadge state={state} />
        </span>
      ))}
    </p>
  );
}

function Search({ filter, onChange }: { filter: Filter; onChange: (change: Partial<Filter>) => void }) {
  return (
    <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        Name or user
        <input
          type="search"
          value={filter.text}
          onInput={(event) => onChange({ text: event.currentTarget.value })}
          data-testid="search"
        />
      </label>
      <label>
        State
        <select
          value={filter.state}
          onChange={(event) => onChange({ state: event.currentTarget.value as ClusterState | 'any' })}
          data-testid="state-filter"
        >
          <option value="any">any</option>
          {CLUSTER_STATES.map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </label>
    </form>
  );
}

export function ClusterCard({ cluster }: { cluster: ClusterSummary }) {
  const { name, state, reason, members_running, num_nodes, primary, user } = cluster;
  return (
    <li class="card" data-testid={`cluster-${name}`}>
      <h2>
        <a href={linkTo({ page: 'cluster', name })}>{name}</a> <StateBadge state={state} />
      </h2>
      <p class="reason">{reason}</p>
      <p class="facts">
        <span data-testid="members">
          {members_running} of {num_nodes} serve
        </span>
        <span>{primary ? `primary ${primary}` : 'no primary'}</span>
        <span>user {user}</span>
      </p>
    </li>
  );
}
