import type { Outcome } from './replay/outcome.ts';
import type { TraceLine } from './trace/trace.ts';

export type Evidence = { kind: 'shown' } | { kind: 'not run' } | { kind: 'differs'; differences: string[] };

/** Line of the answer to a request. */
function answerOf(lines: TraceLine[], request: TraceLine): number {
  const answer = lines
    .slice(request.line)
    .find(({ dir, conn, who, http }) => dir === '<' && conn === request.conn && who === request.who && http);
  return answer?.line ?? request.line;
}

/** The compared lines of the section in which a remark stands. */
function comparedAround(outcome: Outcome, line: number): number[] {
  const section = outcome.scenario.sections.find(({ lines }) => lines.some((one) => one.line === line))!;
  return section.lines.map((one) => one.line).filter((one) => /^(same|differs)$/.test(outcome.state(one)));
}

/**
 * What a recorded line proves about the target: that its answer was the same. A remark ("not offered in 5 s")
 * is proved by its section: everything in it was the same and nothing else came.
 */
export function evidence(outcome: Outcome, line: number): Evidence {
  const recorded = outcome.scenario.lines[line - 1]!;
  const at = recorded.dir === '>' ? answerOf(outcome.scenario.lines, recorded) : line;
  const state = outcome.state(at);
  if (state === 'not run') return { kind: 'not run' };
  if (state === 'same') return { kind: 'shown' };
  if (state === 'differs') return { kind: 'differs', differences: outcome.differencesOf([at]) };
  const around = comparedAround(outcome, line);
  const differences = outcome.differencesOf(around);
  if (around.length === 0) differences.push(`${outcome.scenario.number}:${line} nothing near it is compared`);
  return differences.length > 0 ? { kind: 'differs', differences } : { kind: 'shown' };
}
