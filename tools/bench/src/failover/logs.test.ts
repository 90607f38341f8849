import { describe, expect, it } from 'vitest';
import { parseLog } from './logs.ts';

describe('a log', () => {
  it('is read line by line, and what is not of Cotton is left out', () => {
    const text = [
      '{"level":"info","time":"2026-01-02T03:04:05.678Z","instance":"demo-1","step":{"do":"open"},"msg":"step"}',
      '{"level":"info","time":"2026-01-02T03:04:06.000Z","name":"cotton-scheduler","event":"election","msg":"why"}',
      '(node:1) a warning',
      '{"level":"info","time":"2026-01-02T03:04:0',
      '{"time":"never","msg":"x"}',
      '',
    ].join('\n');
    expect(parseLog(text)).toEqual([
      {
        atMs: Date.parse('2026-01-02T03:04:05.678Z'),
        instance: 'demo-1',
        message: 'step',
        fields: { level: 'info', instance: 'demo-1', step: { do: 'open' } },
      },
      {
        atMs: Date.parse('2026-01-02T03:04:06.000Z'),
        instance: undefined,
        message: 'why',
        fields: { level: 'info', name: 'cotton-scheduler', event: 'election' },
      },
    ]);
  });
});
