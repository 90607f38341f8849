import type { ClusterDetail } from '@cotton/api';

/** How to reach the cluster, ready to copy. */
export function Connect({ cluster }: { cluster: ClusterDetail }) {
  const primary = cluster.members.find(({ role }) => role === 'primary');
  if (!primary || primary.host === null || primary.port === null) return null;
  return (
    <section aria-label="Connect">
      <h2>Connect</h2>
      <p>
        <code data-testid="connect">cotton mysql {cluster.name}</code> opens a client that reads; with{' '}
        <code>--write</code> on the primary. Or directly:
      </p>
      <p>
        <code>
          mysql -h {primary.host} -P {primary.port} -u {cluster.user} -p
        </code>
      </p>
    </section>
  );
}
