import type { Duty } from '@cotton/core';
import { describe, expect, it } from 'vitest';
import { type Local, nextStep, type Step } from './next-step.ts';

const source = { instance: 'a-0', serverId: 1, taskId: 't', host: 'h', port: 1, httpPort: 2 };
const duties = {
  wait: { kind: 'wait' },
  report: { kind: 'report', epoch: 5 },
  apply: { kind: 'apply', epoch: 5, elected: '' },
  follow: { kind: 'follow', epoch: 5, source, sourceUuid: 'u', elected: null, semiSync: true },
  lead: { kind: 'lead', epoch: 5, ackCount: 1 },
} satisfies Record<string, Duty>;

const idle: Local = {
  epoch: 4,
  mysqld: 'serving',
  open: null,
  ledEpoch: 0,
  receiving: false,
  reportedEpoch: null,
  appliedEpoch: null,
  following: null,
  caughtUp: false,
  accountsFor: '',
};
const following = { epoch: 5, source: 'a-0', sourceUuid: 'u', semiSync: true };
const open = { epoch: 5, ackCount: 1, confirmed: true };

const cases: [name: string, duty: keyof typeof duties, local: Partial<Local>, step: Step['do']][] = [
  ['mysqld is started whatever the duty', 'wait', { mysqld: 'down' }, 'start-mysqld'],
  ['a start is waited for', 'report', { mysqld: 'starting' }, 'nothing'],
  ['nothing to do while waiting', 'wait', {}, 'nothing'],
  ['a primary that must wait is closed', 'wait', { open }, 'kill-mysqld'],
  ['a deposed primary is killed before it reports', 'report', { open, epoch: 4 }, 'kill-mysqld'],
  [
    'also one whose opening was never confirmed',
    'report',
    { open: { ...open, confirmed: false } },
    'kill-mysqld',
  ],
  ['a primary never starts to follow', 'follow', { open }, 'kill-mysqld'],
  ['a primary never applies', 'apply', { open }, 'kill-mysqld'],
  ['the receiver stops before the epoch is durable', 'report', { receiving: true }, 'stop-receiving'],
  ['the epoch is durable before it is reported', 'report', {}, 'persist-epoch'],
  ['a position of an older epoch is no answer', 'report', { epoch: 5, reportedEpoch: 4 }, 'report-position'],
  ['reported once', 'report', { epoch: 5, reportedEpoch: 5 }, 'nothing'],
  ['control older than the volume is not obeyed', 'report', { epoch: 6 }, 'nothing'],
  ['nor followed', 'follow', { epoch: 6 }, 'nothing'],
  ['nor led', 'lead', { epoch: 6 }, 'nothing'],
  ['the winner stops receiving', 'apply', { receiving: true }, 'stop-receiving'],
  ['then applies', 'apply', { epoch: 5, appliedEpoch: 4 }, 'apply'],
  ['then waits', 'apply', { epoch: 5, appliedEpoch: 5 }, 'nothing'],
  ['a follower makes the epoch durable first', 'follow', {}, 'persist-epoch'],
  ['then attaches', 'follow', { epoch: 5 }, 'follow'],
  ['attaches anew in a new epoch', 'follow', { epoch: 5, following: { ...following, epoch: 4 } }, 'follow'],
  ['or to another source', 'follow', { epoch: 5, following: { ...following, source: 'a-1' } }, 'follow'],
  ['or to other data', 'follow', { epoch: 5, following: { ...following, sourceUuid: 'v' } }, 'follow'],
  [
    'acknowledges when it counts',
    'follow',
    { epoch: 5, following: { ...following, semiSync: false } },
    'set-semi-sync',
  ],
  ['then watches', 'follow', { epoch: 5, following }, 'watch-replication'],
  ['a leader stops receiving', 'lead', { receiving: true }, 'stop-receiving'],
  ['makes the epoch durable', 'lead', {}, 'persist-epoch'],
  ['applies when it did not for this epoch', 'lead', { epoch: 5 }, 'apply'],
  ['opens', 'lead', { epoch: 5, appliedEpoch: 5 }, 'open'],
  [
    'opens again when it is not sure',
    'lead',
    { epoch: 5, ledEpoch: 5, open: { ...open, confirmed: false } },
    'open',
  ],
  [
    'never opens twice in an epoch after a restart',
    'lead',
    { epoch: 5, ledEpoch: 5, appliedEpoch: 5 },
    'nothing',
  ],
  ['stays open in a later epoch', 'lead', { epoch: 5, ledEpoch: 4, open: { ...open, epoch: 4 } }, 'open'],
  ['adjusts the acknowledgements', 'lead', { epoch: 5, open: { ...open, ackCount: 2 } }, 'set-ack-count'],
  ['makes the accounts', 'lead', { epoch: 5, open }, 'ensure-accounts'],
  ['then leads', 'lead', { epoch: 5, open, accountsFor: 'all' }, 'nothing'],
];

describe('nextStep', () => {
  it.each(cases)('%s', (_name, duty, local, expected) => {
    expect(nextStep(duties[duty], { ...idle, ...local }, 'all').do).toBe(expected);
  });

  it('never lets anyone but the leader stay open', () => {
    for (const duty of [duties.wait, duties.report, duties.apply, duties.follow])
      for (const epoch of [4, 5, 6])
        for (const receiving of [true, false])
          expect(nextStep(duty, { ...idle, open, epoch, receiving }, 'all').do).toBe('kill-mysqld');
  });
});
