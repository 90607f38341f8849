import type { CreateClusterResponse } from '@cotton/api';
import { linkTo } from './route.ts';

/** The one time the password is shown. */
export function Created({ made, user }: { made: CreateClusterResponse; user: string }) {
  return (
    <>
      <h1>{made.name} is being created</h1>
      {made.warnings.map((warning) => (
        <p key={warning} class="notice" role="alert">
          {warning}
        </p>
      ))}
      <p>
        This is the password of <strong>{user}</strong>, and the key to deleting the cluster. It is shown only
        now:
      </p>
      <p>
        <code class="secret" data-testid="created-password">
          {made.cluster_password}
        </code>
      </p>
      <p>
        Discovery: <code>{made.cluster_url}</code>
      </p>
      <a
        class="button primary"
        href={linkTo({ page: 'cluster', name: made.name })}
        data-testid="created-open"
      >
        I have kept it; show the cluster
      </a>
    </>
  );
}
