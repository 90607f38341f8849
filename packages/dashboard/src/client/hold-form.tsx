import { api, describeError } from './api.ts';
import { useAction } from './use-action.ts';

export function HoldForm({ name, hold, onChanged }: { name: string; hold: boolean; onChanged: () => void }) {
  const { busy, error, run } = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await api.hold(name, !hold);
      onChanged();
    });
  };
  return (
    <section aria-label="Automatic failover">
      <h2>Automatic failover</h2>
      <form onSubmit={submit} data-testid="hold-form">
        <p>
          {hold
            ? 'On hold: a lost primary is not replaced until somebody asks for it.'
            : 'A lost primary is replaced unasked.'}
        </p>
        <button disabled={busy} data-testid="hold-submit">
          {hold ? 'Allow it again' : 'Put it on hold'}
        </button>
        {error !== undefined && (
          <p class="problem" role="alert" data-testid="hold-error">
            {describeError(error)}
          </p>
        )}
      </form>
    </section>
  );
}
