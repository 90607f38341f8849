import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';
import { executorEnvironment } from './environment.ts';

// As recorded from a real agent (sandbox path shortened).
const recorded = {
  LIBPROCESS_IP: '127.0.0.1',
  LIBPROCESS_PORT: '0',
  MESOS_AGENT_ENDPOINT: '127.0.0.1:6411',
  MESOS_CHECKPOINT: '1',
  MESOS_DIRECTORY: '/sandbox',
  MESOS_EXECUTOR_ID: 'ex-P1',
  MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '5secs',
  MESOS_FRAMEWORK_ID: 'fw-0000',
  MESOS_HTTP_COMMAND_EXECUTOR: '0',
  MESOS_RECOVERY_TIMEOUT: '15mins',
  MESOS_SANDBOX: '/sandbox',
  MESOS_SLAVE_ID: 'agent-S0',
  MESOS_SLAVE_PID: 'slave(1)@127.0.0.1:6411',
  MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
};

describe('the environment of an executor', () => {
  it('is what a real agent sets', () => {
    expect(executorEnvironment(recorded)).toEqual({
      agent: 'http://127.0.0.1:6411',
      frameworkId: 'fw-0000',
      executorId: 'ex-P1',
      agentId: 'agent-S0',
      sandbox: '/sandbox',
      checkpoint: true,
      recoveryTimeoutMs: 900_000,
      subscriptionBackoffMaxMs: 2000,
      shutdownGracePeriodMs: 5000,
    });
  });

  it('takes the token, and no checkpoint for an answer', () => {
    const { MESOS_RECOVERY_TIMEOUT: _, MESOS_SUBSCRIPTION_BACKOFF_MAX: __, ...bare } = recorded;
    const read = executorEnvironment({
      ...bare,
      MESOS_CHECKPOINT: '0',
      MESOS_EXECUTOR_AUTHENTICATION_TOKEN: 'abc',
    });
    expect(read).toMatchObject({ checkpoint: false, authenticationToken: 'abc', recoveryTimeoutMs: 900_000 });
  });

  it('names everything that is wrong at once', () => {
    const broken = {
      ...recorded,
      MESOS_AGENT_ENDPOINT: 'x/y',
      MESOS_CHECKPOINT: 'yes',
      MESOS_RECOVERY_TIMEOUT: '15',
    };
    const { MESOS_SLAVE_ID: _, ...env } = broken;
    expect(() => executorEnvironment(env)).toThrow(
      'not started by a Mesos agent: MESOS_AGENT_ENDPOINT is not ip:port; MESOS_SLAVE_ID is not set; ' +
        'MESOS_CHECKPOINT is neither 1 nor 0; MESOS_RECOVERY_TIMEOUT is not a duration such as 15mins',
    );
  });
});

describe('durations', () => {
  it.each([
    ['15mins', 900_000],
    ['1.5secs', 1500],
    ['500ms', 500],
    ['2hrs', 7_200_000],
    ['1days', 86_400_000],
    ['1weeks', 604_800_000],
    ['250us', 0.25],
    ['1000000ns', 1],
    ['0secs', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms);
  });

  it.each(['', '15', 'secs', '-1secs', '1 secs', '1h', '1e3secs'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
