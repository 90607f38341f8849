import type { ClusterList } from '@cotton/api';
import { describeError } from './api.ts';
import { linkTo } from './route.ts';

export function Header({ list, error }: { list: ClusterList | undefined; error: unknown }) {
  return (
    <header>
      <div class="bar">
        <a class="brand" href={linkTo({ page: 'list' })}>
          <img src="assets/icon.svg" alt="" width="28" height="28" /> Cotton
        </a>
        <a class="button primary" href={linkTo({ page: 'create' })} data-testid="new-cluster">
          New cluster
        </a>
      </div>
      {list?.mesos.stand_in && (
        <p class="notice" data-testid="stand-in">
          The Mesos behind this scheduler is <strong>Cotton’s local stand-in</strong>, for demos and tests
          only.
        </p>
      )}
      <p
        class={error === undefined ? 'connection' : 'connection problem'}
        role="status"
        data-testid="connection"
      >
        {connection(list, error)}
      </p>
    </header>
  );
}

function connection(list: ClusterList | undefined, error: unknown): string {
  if (error !== undefined)
    return `${describeError(error)} ${list ? 'What is shown is old. ' : ''}Trying again…`;
  if (!list) return 'Connecting…';
  const { connected, master } = list.mesos;
  return connected
    ? `Connected to the Mesos master${master ? ` ${master}` : ''}.`
    : 'Not connected to Mesos.';
}
