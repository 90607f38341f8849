import type { ClusterDetail } from '@cotton/api';
import { useState } from 'preact/hooks';
import { api, describeError } from './api.ts';
import { useAction } from './use-action.ts';

/** Only while there is a primary to hand over and somebody to hand over to. */
export function SwitchoverForm({ cluster, onChanged }: { cluster: ClusterDetail; onChanged: () => void }) {
  const [target, setTarget] = useState('');
  const { busy, error, run } = useAction();
  const { name, epoch, primary, promotion } = cluster;
  const able = cluster.in_sync.filter((id) => promotion[id] !== 'never');
  if (primary === null || able.length === 0) return null;
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      // The epoch keeps a second click from switching a second time.
      await api.switchover(name, { ...(target !== '' && { to: target }), epoch });
      onChanged();
    });
  };
  return (
    <section aria-label="Switchover">
      <h2>Switch over</h2>
      <form onSubmit={submit} data-testid="switchover-form">
        <label>
          New primary
          <select
            value={target}
            onChange={(event) => setTarget(event.currentTarget.value)}
            data-testid="switchover-target"
          >
            <option value="">the best one</option>
            {able.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <button disabled={busy || cluster.in_progress !== null} data-testid="switchover-submit">
          Take over from {primary}
        </button>
        <p class="hint">No write is lost. Sessions on {primary} end, and writers wait for a moment.</p>
        {error !== undefined && (
          <p class="problem" role="alert" data-testid="switchover-error">
            {describeError(error)}
          </p>
        )}
      </form>
    </section>
  );
}
