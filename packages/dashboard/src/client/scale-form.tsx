import { NUM_NODES_MAX } from '@cotton/api';
import { useState } from 'preact/hooks';
import { api, describeError } from './api.ts';
import { useAction } from './use-action.ts';

export function ScaleForm({
  name,
  numNodes,
  onChanged,
}: {
  name: string;
  numNodes: number;
  onChanged: () => void;
}) {
  const [wanted, setWanted] = useState(String(numNodes));
  const { busy, error, run } = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await api.patch(name, { num_nodes: Number(wanted) });
      onChanged();
    });
  };
  return (
    <section aria-label="Scale">
      <h2>Scale</h2>
      <form onSubmit={submit} data-testid="scale-form">
        <label>
          Instances
          <input
            type="number"
            min={1}
            max={NUM_NODES_MAX}
            step={1}
            required
            value={wanted}
            onInput={(event) => setWanted(event.currentTarget.value)}
            data-testid="scale-nodes"
          />
        </label>
        <button disabled={busy || Number(wanted) === numNodes} data-testid="scale-submit">
          {Number(wanted) < numNodes ? 'Shrink' : 'Grow'}
        </button>
        {Number(wanted) < numNodes && <p>Data of the instances that go is destroyed; the primary stays.</p>}
        {error !== undefined && (
          <p class="problem" role="alert">
            {describeError(error)}
          </p>
        )}
      </form>
    </section>
  );
}
