import type { Scenario, Section, TraceLine } from '../trace/trace.ts';

/** What became of a line: `same` was compared with the target's; `done` is an action or a remark. */
export type LineState = 'same' | 'done' | 'differs' | 'not run';

/** What replaying one scenario showed, line by line. */
export class Outcome {
  readonly scenario: Scenario;
  readonly #states = new Map<number, LineState>();
  readonly #differences = new Map<number, string[]>();
  /** Place in its stream of the event that answered a line. */
  readonly #order = new Map<number, { stream: object; index: number }>();
  notRunWhy: string | undefined;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  mark(line: TraceLine, state: 'same' | 'done'): void {
    const known = this.state(line.line);
    if (known === 'not run' || (known === 'done' && state === 'same')) this.#states.set(line.line, state);
  }

  differs(line: number, found: string[]): void {
    this.#states.set(line, 'differs');
    this.#differences.set(line, [...(this.#differences.get(line) ?? []), ...found]);
  }

  place(line: TraceLine, stream: object, index: number): void {
    this.#order.set(line.line, { stream, index });
  }

  state(line: number): LineState {
    return this.#states.get(line) ?? 'not run';
  }

  /** Whether the event of the first line came before that of the second, on the same stream. */
  inOrder(first: number, second: number): boolean {
    const [a, b] = [this.#order.get(first), this.#order.get(second)];
    return a !== undefined && b !== undefined && a.stream === b.stream && a.index < b.index;
  }

  /** Differences of some lines, each with its place in the recording. */
  differencesOf(lines: number[]): string[] {
    return lines.flatMap((line) =>
      (this.#differences.get(line) ?? []).map((text) => `${this.scenario.number}:${line} ${text}`),
    );
  }

  allDifferences(): string[] {
    return this.differencesOf([...this.#differences.keys()].sort((a, b) => a - b));
  }

  /** How many lines differ. */
  get differing(): number {
    return this.#differences.size;
  }

  sectionDifferences(section: Section): string[] {
    return this.differencesOf(section.lines.map(({ line }) => line));
  }

  /** Whether no line of the section was reached. */
  sectionNotRun(section: Section): boolean {
    return section.lines.every(({ line }) => this.state(line) === 'not run');
  }
}
