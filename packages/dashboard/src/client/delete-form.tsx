import { useState } from 'preact/hooks';
import { api, describeError } from './api.ts';
import { useAction } from './use-action.ts';

export function DeleteForm({ name, onChanged }: { name: string; onChanged: () => void }) {
  const [password, setPassword] = useState('');
  const { busy, error, run } = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await api.delete(name, password);
      onChanged();
    });
  };
  return (
    <details>
      <summary data-testid="delete-open">Delete this cluster</summary>
      <form onSubmit={submit} data-testid="delete-form">
        <p>All data of {name} is destroyed. There is no way back.</p>
        <label>
          Password of the cluster
          <input
            type="password"
            autocomplete="off"
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
            data-testid="delete-password"
          />
        </label>
        <button class="danger" disabled={busy} data-testid="delete-submit">
          Delete {name} for ever
        </button>
        {error !== undefined && (
          <p class="problem" role="alert" data-testid="delete-error">
            {describeError(error)}
          </p>
        )}
      </form>
    </details>
  );
}
