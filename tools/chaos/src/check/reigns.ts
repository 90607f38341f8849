/** No two incarnations acknowledge in overlapping epochs. */
import type { History, Incarnation } from '../history.ts';
import type { Violation } from './violation.ts';

interface Acknowledged {
  server: Incarnation;
  startedMs: number;
  endedMs: number;
}

/**
 * Each acknowledgement came from the one incarnation that reigned at some moment between question and answer. However
 * these moments are chosen, the reigns follow each other; every change of reign is a change of epoch. More changes than
 * epochs: two acknowledged side by side.
 */
export function checkReigns({ writes, transfers, increments, sights }: History): Violation[] {
  const acknowledged = [...writes, ...transfers, ...increments].filter((attempt) => attempt.isAcknowledged);
  const first = sights[0]?.epoch;
  const last = sights.at(-1)?.epoch;
  if (first === undefined || last === undefined) return [];
  const reigns = fewestReigns(acknowledged);
  const possible = last - first + 1;
  if (reigns.length <= possible) return [];
  const told = reigns.slice(0, 6).map(({ server, fromMs }) => `${server} from ${Math.round(fromMs)} ms`);
  const detail = `at least ${reigns.length} reigns in ${possible} epochs (${first} to ${last}): ${told.join(', ')}`;
  return [{ kind: 'doubled', count: reigns.length - possible, detail }];
}

export interface Reign {
  server: Incarnation;
  fromMs: number;
}

/** The shortest sequence of reigns that explains all acknowledgements. */
export function fewestReigns(acknowledged: readonly Acknowledged[]): Reign[] {
  const servers = [...new Set(acknowledged.map(({ server }) => server))];
  const inOrder = [...acknowledged].sort((a, b) => a.endedMs - b.endedMs);
  const sequences = servers.map((server) => reignsFrom(server, inOrder));
  return sequences.reduce<Reign[]>(
    (best, next) => (best.length === 0 || next.length < best.length ? next : best),
    [],
  );
}

/** Whoever reigns stays as long as nobody else's acknowledgement comes to its end unexplained. */
function reignsFrom(server: Incarnation, inOrder: readonly Acknowledged[]): Reign[] {
  const reigns: Reign[] = [{ server, fromMs: -Infinity }];
  let open = [...inOrder];
  for (;;) {
    const reign = reigns.at(-1) as Reign;
    const next = open.find((one) => one.server !== reign.server);
    const untilMs = next?.endedMs ?? Infinity;
    open = open.filter(
      (one) => one.server !== reign.server || one.endedMs < reign.fromMs || one.startedMs > untilMs,
    );
    if (!next) return reigns;
    reigns.push({ server: next.server, fromMs: untilMs });
  }
}
