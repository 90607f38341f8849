/** What a checker's output means. Pure. */

export type Answer =
  /** Every history was looked at, and none goes wrong. */
  | { kind: 'exhausted'; states: number }
  /** One goes wrong: what it violates. */
  | { kind: 'violated'; states: number; what: string }
  /** Neither: it ran out of memory, depth or time, or ended badly. Proves nothing. */
  | { kind: 'unfinished'; states: number; why: string };

export function readAnswer(output: string): Answer {
  const states = Number(/^\s*([\d.e+]+) states, stored/m.exec(output)?.[1] ?? 0);
  const violated = /^pan:\d+: (?:assertion violated )?(.*) \(at depth \d+\)/m.exec(output)?.[1];
  if (violated !== undefined)
    return /array index|bound|invalid end/.test(violated)
      ? { kind: 'unfinished', states, why: violated }
      : { kind: 'violated', states, what: violated };
  const why = obstacle(output);
  return why === undefined ? { kind: 'exhausted', states } : { kind: 'unfinished', states, why };
}

function obstacle(output: string): string | undefined {
  const told = /^(?:error|pan): .*(?:too small|out of memory|aborting|exceed).*$/im.exec(output)?.[0];
  if (told) return told;
  if (/Search not completed/.test(output)) return 'the search was not completed';
  if (!/^State-vector .* errors: 0$/m.test(output)) return 'the checker did not come to an end';
  return undefined;
}
