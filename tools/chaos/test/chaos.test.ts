import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNotIsolated } from '../src/lab/isolate.ts';
import type { Result } from '../src/report/results.ts';

const MAIN = resolve(import.meta.dirname, '../src/main.ts');
const RUN_LIMIT_MS = 400_000;
const SEED = '20';

/** Where there can be namespaces also the network, otherwise what processes can suffer. */
const FAULTS =
  (await whyNotIsolated()) === undefined
    ? ['kill-primary-again', 'isolated-primary', 'stop-scheduler-in-election', 'power-loss']
    : ['kill-primary-again', 'stop-scheduler-in-election', 'acker-dead', 'all-mysqlds'];

let dir: string;
let results: Result[] = [];
let ended: { exitCode?: number; stderr: string; stdout: string };

// A second try must not hide what the first one found.
describe('a short run of npm run chaos', { retry: 0 }, () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cotton-chaos-test-'));
    const file = join(dir, 'results.jsonl');
    const options = ['--faults', FAULTS.join(','), '--seed', SEED, '--session', '3000', '--results', file];
    ended = await execa(process.execPath, ['--conditions=@cotton/source', MAIN, ...options], {
      ...{ reject: false, timeout: RUN_LIMIT_MS, killSignal: 'SIGINT', forceKillAfterDelay: 20_000 },
    });
    const text = await readFile(file, 'utf8').catch(() => '');
    results = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Result);
  }, RUN_LIMIT_MS + 30_000);

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('plays every fault, with writes to lose', () => {
    expect(results.map(({ fault }) => fault).sort(), ended.stderr).toEqual([...FAULTS].sort());
    for (const { fault, acknowledged } of results) expect(acknowledged, fault).toBeGreaterThan(40);
  });

  it('finds nothing lost, nothing doubled, nothing else amiss', () => {
    expect(Object.fromEntries(results.map(({ fault, violations }) => [fault, violations]))).toEqual(
      Object.fromEntries(FAULTS.map((fault) => [fault, []])),
    );
    expect(ended.exitCode, ended.stderr).toBe(0);
  });

  it('prints a row for each fault', () => {
    for (const fault of FAULTS) expect(ended.stdout).toContain(`| ${fault} | 1 |`);
  });
});
