import { expect, it } from 'vitest';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): unknown {
  let text = '';
  const destination = { write: (line: string) => void (text += line) };
  write(createLog({ level: 'info', fields: { cluster: 'demo' }, destination }));
  return text === '' ? undefined : JSON.parse(text);
}

it('names the level, and goes with its fields', () => {
  expect(logged((log) => log.info({ epoch: 3 }, 'step'))).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    cluster: 'demo',
    epoch: 3,
    msg: 'step',
  });
  expect(logged((log) => log.debug('too much'))).toBeUndefined();
});

it('tells an error under err, with its stack', () => {
  const line = logged((log) => log.error({ err: new TypeError('broken') }, 'it failed'));
  expect(line).toMatchObject({
    level: 'error',
    err: { type: 'TypeError', message: 'broken', stack: expect.stringContaining('log.test.ts') },
  });
});

it('holds no secret', () => {
  const secret = { password: 'pa55', within: { token: 'pa55', deeper: { 'proxy-authorization': 'pa55' } } };
  const line = logged((log) => log.info({ ...secret, req: { url: '/?password=pa55' } }, 'asked'));
  expect(JSON.stringify(line)).not.toContain('pa55');
  expect(line).toMatchObject({ password: '[secret]', within: { token: '[secret]' } });
  expect(secret.within.token).toBe('pa55');
});
