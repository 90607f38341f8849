import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { whyNotIsolated } from '../src/lab/isolate.ts';
import { readResults, type Result } from '../src/report/results.ts';

const MAIN = resolve(import.meta.dirname, '../src/main.ts');
const RUN_LIMIT_MS = 400_000;
const SEED = '20';

/** Where there can be namespaces also the network, otherwise what processes can suffer. */
const FAULTS =
  (await whyNotIsolated()) === undefined
    ? ['kill-primary-again', 'isolated-primary', 'stop-scheduler-in-election', 'power-loss']
    : ['kill-primary-again', 'stop-scheduler-in-election', 'acker-dead', 'all-mysqlds'];

interface Run {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  results: Result[];
}

async function chaos(...args: string[]): Promise<Run> {
  const dir = await mkdtemp(join(tmpdir(), 'cotton-chaos-test-'));
  try {
    const file = join(dir, 'results.jsonl');
    const options = [...args, '--seed', SEED, '--session', '3000', '--results', file];
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      ['--conditions=@cotton/source', MAIN, ...options],
      { reject: false, timeout: RUN_LIMIT_MS, killSignal: 'SIGINT', forceKillAfterDelay: 20_000 },
    );
    return { exitCode, stdout, stderr, results: await readResults(file) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

describe('a short run of npm run chaos', () => {
  let run: Run;

  beforeAll(async () => {
    run = await chaos('--faults', FAULTS.join(','));
  }, RUN_LIMIT_MS + 30_000);

  it('plays every fault, with writes to lose', () => {
    const { results, stderr } = run;
    expect(results.map(({ fault }) => fault).sort(), stderr).toEqual([...FAULTS].sort());
    for (const { fault, acknowledged } of results) expect(acknowledged, fault).toBeGreaterThan(40);
  });

  it('finds nothing lost, nothing doubled, nothing else amiss', () => {
    expect(Object.fromEntries(run.results.map(({ fault, violations }) => [fault, violations]))).toEqual(
      Object.fromEntries(FAULTS.map((fault) => [fault, []])),
    );
    expect(run.exitCode, run.stderr).toBe(0);
  });

  it('prints a row for each fault', () => {
    for (const fault of FAULTS) expect(run.stdout).toContain(`| ${fault} | 1 |`);
  });
});

describe('npm run chaos with a deliberate bug', () => {
  it(
    'shows it',
    async () => {
      const { exitCode, stdout, stderr, results } = await chaos('--trap', 'opens-again-after-a-restart');
      expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
      expect(results.at(-1)?.violations.join('\n')).toMatch(/^doubled: /m);
    },
    RUN_LIMIT_MS + 30_000,
  );
});
