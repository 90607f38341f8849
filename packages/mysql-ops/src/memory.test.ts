import { expect, test } from 'vitest';
import { MIN_TASK_MB, planMemory } from './memory.ts';

test.each([MIN_TASK_MB, 512, 1024, 2048, 4096, 16_384, 262_144])(
  'a task of %i MB: all parts together fit',
  (taskMb) => {
    const plan = planMemory({ taskMb });
    const server = 210 + (plan.fullPerformanceSchema ? 150 : 0);
    const parts = plan.bufferPoolMb + plan.maxConnections * 0.5 + plan.tempTableRamMb + plan.logBufferMb;
    expect(110 + server + parts).toBeLessThanOrEqual(taskMb);
    expect(plan.bufferPoolMb).toBeGreaterThanOrEqual(8);
    expect(Object.values(plan).every((value) => typeof value === 'boolean' || Number.isInteger(value))).toBe(
      true,
    );
  },
);

test('more memory never means less of anything', () => {
  const plans = [384, 512, 768, 1024, 1900, 4096, 8192, 65_536].map((taskMb) => planMemory({ taskMb }));
  for (const [i, plan] of plans.slice(1).entries()) {
    const smaller = plans[i];
    if (!smaller) throw new Error('no plan');
    expect(plan.bufferPoolMb).toBeGreaterThanOrEqual(smaller.bufferPoolMb);
    expect(plan.maxConnections).toBeGreaterThanOrEqual(smaller.maxConnections);
  }
});

test('a large task goes mostly to the buffer pool', () => {
  expect(planMemory({ taskMb: 16_384 }).bufferPoolMb).toBeGreaterThan(11_000);
});

test.each([MIN_TASK_MB - 1, 0, -1, NaN])('%d MB are too few', (taskMb) => {
  expect(() => planMemory({ taskMb })).toThrow(expect.objectContaining({ code: 'memory_too_small' }));
});

test('a larger executor leaves less', () => {
  const small = planMemory({ taskMb: 1024 });
  expect(planMemory({ taskMb: 1024, executorMb: 300 }).bufferPoolMb).toBeLessThan(small.bufferPoolMb);
});
