import type { Transition } from '@cotton/api';

/** Colour only repeats what the word says. */
const TONE: Record<Transition['outcome'], 'good' | 'busy' | 'warn' | 'bad'> = {
  running: 'busy',
  ok: 'good',
  rolled_back: 'warn',
  unsafe: 'bad',
};

/** Elections and switchovers, the newest first, each with its steps. */
export function Transitions({
  running,
  ended,
}: {
  running: Transition | null;
  ended: readonly Transition[];
}) {
  const all = running ? [running, ...ended] : ended;
  if (all.length === 0) return null;
  return (
    <section aria-label="Elections and switchovers" data-testid="transitions">
      <h2>Elections and switchovers</h2>
      <ul class="transitions">
        {all.map((one) => (
          <li key={one.id} class="card" data-testid="transition">
            <TransitionView transition={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function TransitionView({ transition }: { transition: Transition }) {
  const { kind, outcome, from, to, cause, detail, started_at, steps } = transition;
  return (
    <details>
      <summary>
        {new Date(started_at).toLocaleString()} {kind} {[from, to].filter((id) => id !== null).join(' → ')}{' '}
        <span class={`badge ${TONE[outcome]}`} data-testid="outcome">
          {outcome.replace('_', ' ')}
        </span>
      </summary>
      <p class="reason">{[cause, detail].filter(Boolean).join('; ')}</p>
      <ol class="steps">
        {steps.map(({ step, at }) => (
          <li key={`${step} ${at}`}>
            {step.replace('_', ' ')}: {secondsBetween(started_at, at)} s
          </li>
        ))}
      </ol>
    </details>
  );
}

function secondsBetween(from: string, to: string): string {
  return ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(2);
}
