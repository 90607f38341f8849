import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Answer, readAnswer } from './answer.ts';
import { ModelError } from './error.ts';
import { environmentOf, type Settings } from './settings.ts';

/** Longer histories than any scope has; one that reaches it is unfinished. */
const DEPTH_MAX = 5_000;
/** Slots of the first hash table, as a power of two. */
const TABLE_BITS = 20;
const SEARCH_LIMIT_MS = { usual: 10 * 60_000, deep: 4 * 3_600_000 };
const REPLAY_LIMIT_MS = 30_000;

export interface Search {
  checker: string;
  settings: Settings;
  /** The rule to leave out; 0 for none. */
  broken: number;
  deep?: boolean;
  /** Longer histories are not looked at, and that is told. */
  depthMax?: number;
}

export interface Found {
  answer: Answer;
  /** What happened, step by step, where something went wrong. */
  story: string[];
  seconds: number;
}

/** Searches until something goes wrong, or there is nothing left. */
export async function search({
  checker,
  settings,
  broken,
  deep,
  depthMax = DEPTH_MAX,
}: Search): Promise<Found> {
  const dir = await mkdtemp(join(checker, '../search-'));
  const options = { cwd: dir, env: environmentOf(settings, broken), all: true, reject: false } as const;
  try {
    const started = performance.now();
    const timeout = deep ? SEARCH_LIMIT_MS.deep : SEARCH_LIMIT_MS.usual;
    const run = await execa(checker, [`-m${depthMax}`, `-w${TABLE_BITS}`], { ...options, timeout });
    const seconds = (performance.now() - started) / 1000;
    const answer: Answer = run.timedOut
      ? { kind: 'unfinished', states: 0, why: `no answer within ${timeout / 60_000} minutes` }
      : readAnswer(run.all ?? '');
    const story = answer.kind === 'violated' ? await replay(checker, options) : [];
    return { answer, story, seconds };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The model prints what happens when a trail is followed. */
async function replay(
  checker: string,
  options: { cwd: string; env: Record<string, string>; all: true; reject: false },
): Promise<string[]> {
  const { all, exitCode } = await execa(checker, ['-r', 'failover.pml.trail'], {
    ...options,
    timeout: REPLAY_LIMIT_MS,
  });
  const lines = (all ?? '').split('\n').map((line) => line.trim());
  const story = lines.slice(0, lines.indexOf('global vars:')).filter((line) => STEP.test(line));
  if (story.length === 0)
    throw new ModelError(
      'no_answer',
      `${basename(checker)} -r told no story (exit code ${exitCode}):\n${all}`,
    );
  return story;
}

const STEP = /^(member \d|superseded|k changes|the |somebody|and )/;
