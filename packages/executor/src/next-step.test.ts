import type { Duty } from '@cotton/core';
import { describe, expect, it } from 'vitest';
import { acksOf, type Local, nextStep, type Step } from './next-step.ts';

const source = { instance: 'a-0', serverId: 1, taskId: 't', host: 'h', port: 1, httpPort: 2 };
const inEpoch = { epoch: 5, epochId: 'e5', generation: 7 };
const follow = { kind: 'follow', ...inEpoch, source, sourceUuid: 'u', elected: '', reach: null } as const;
const duties = {
  wait: { kind: 'wait', generation: 7 },
  report: { kind: 'report', ...inEpoch },
  follow: { ...follow, semiSync: true },
  silent: { ...follow, semiSync: false },
  lead: { kind: 'lead', ...inEpoch, elected: 'u:1', ackCount: 1, barred: [3] },
  'hand-over': { kind: 'hand-over', ...inEpoch, id: 's', graceMs: 100 },
} satisfies Record<string, Duty>;

const idle: Local = {
  epoch: 4,
  epochId: 'e4',
  mysqld: 'serving',
  open: null,
  handedOver: null,
  ledEpoch: 0,
  durableGeneration: 7,
  enforced: null,
  receiving: false,
  reportedEpoch: null,
  appliedEpoch: null,
  following: null,
  attached: false,
  compared: false,
  accountsFor: '',
  eventsEpoch: null,
};
const now = { epoch: 5, epochId: 'e5' };
const following = { epoch: 5, source: 'a-0', sourceUuid: 'u', semiSync: true };
const attached = { ...now, receiving: true, following, attached: true, compared: true };
const open = { epoch: 5, ackCount: 1, confirmed: true };
const enforced = { generation: 7, barred: [3] };
const leading = { ...now, ledEpoch: 5, open, enforced, accountsFor: 'all', eventsEpoch: 5 };
const handedOver = { id: 's', epoch: 5, executed: 'u:1-9' };

type Case = [name: string, duty: keyof typeof duties, local: Partial<Local>, step: Step['do']];

const cases: Case[] = [
  ['mysqld is started whatever the duty', 'wait', { mysqld: 'down' }, 'start-mysqld'],
  ['a start is waited for', 'report', { mysqld: 'starting' }, 'nothing'],

  ['nothing to do while waiting', 'wait', {}, 'nothing'],
  ['a primary that must wait is closed', 'wait', { ...leading }, 'kill-mysqld'],
  ['who waits receives nothing', 'wait', { receiving: true }, 'stop-receiving'],

  ['a deposed primary is killed before it reports', 'report', { open: { ...open, epoch: 4 } }, 'kill-mysqld'],
  [
    'also when its opening was never confirmed',
    'report',
    { open: { ...open, confirmed: false } },
    'kill-mysqld',
  ],
  [
    'but not once it was closed in order',
    'report',
    { handedOver: { ...handedOver, epoch: 4 } },
    'persist-epoch',
  ],
  ['the receiver stops before the epoch is durable', 'report', { receiving: true }, 'stop-receiving'],
  ['the epoch is durable before it is reported', 'report', {}, 'persist-epoch'],
  ['a position of an older epoch is no answer', 'report', { ...now, reportedEpoch: 4 }, 'report-position'],
  ['reported once', 'report', { ...now, reportedEpoch: 5 }, 'nothing'],

  ['a primary never starts to follow', 'follow', { open }, 'kill-mysqld'],
  ['one that handed over follows as it is', 'follow', { ...now, handedOver }, 'follow'],
  ['nothing comes in from another source', 'follow', { receiving: true }, 'stop-receiving'],
  [
    'or from a former epoch',
    'follow',
    { ...attached, following: { ...following, epoch: 4 } },
    'stop-receiving',
  ],
  [
    'or from other data',
    'follow',
    { ...attached, following: { ...following, sourceUuid: 'v' } },
    'stop-receiving',
  ],
  ['a follower makes the epoch durable first', 'follow', {}, 'persist-epoch'],
  ['then attaches', 'follow', now, 'follow'],
  ['is compared anew when it is back', 'follow', { ...attached, compared: false }, 'follow'],
  ['not while it is away', 'follow', { ...attached, attached: false, compared: false }, 'watch-replication'],
  [
    'acknowledges when it counts',
    'follow',
    { ...attached, following: { ...following, semiSync: false } },
    'set-semi-sync',
  ],
  ['and no longer', 'silent', attached, 'set-semi-sync'],
  ['notes the generation', 'follow', { ...attached, durableGeneration: 6 }, 'persist-epoch'],
  ['then watches', 'follow', attached, 'watch-replication'],

  ['a leader stops receiving', 'lead', { receiving: true }, 'stop-receiving'],
  ['makes the epoch durable', 'lead', {}, 'persist-epoch'],
  ['applies', 'lead', now, 'apply'],
  ['also when it applied for an older epoch', 'lead', { ...now, appliedEpoch: 4 }, 'apply'],
  ['opens', 'lead', { ...now, appliedEpoch: 5, ledEpoch: 5 }, 'open'],
  ['opens again when it is not sure', 'lead', { ...leading, open: { ...open, confirmed: false } }, 'open'],
  ['never opens twice in an epoch after a restart', 'lead', { ...now, ledEpoch: 5 }, 'nothing'],
  ['opens again after a hand-over that was taken back', 'lead', { ...now, ledEpoch: 5, handedOver }, 'open'],
  [
    'but not after one of another epoch',
    'lead',
    { ...now, ledEpoch: 5, handedOver: { ...handedOver, epoch: 4 } },
    'nothing',
  ],
  [
    'does not stay open into another epoch',
    'lead',
    { ...leading, open: { ...open, epoch: 4 } },
    'kill-mysqld',
  ],
  ['notes the generation before its rules', 'lead', { ...leading, durableGeneration: 6 }, 'persist-epoch'],
  ['then follows the electorate', 'lead', { ...leading, enforced: null }, 'enforce'],
  ['each generation of it', 'lead', { ...leading, enforced: { ...enforced, generation: 6 } }, 'enforce'],
  ['and whom it bars', 'lead', { ...leading, enforced: { ...enforced, barred: [] } }, 'enforce'],
  ['and its count', 'lead', { ...leading, open: { ...open, ackCount: 2 } }, 'enforce'],
  ['before anything that could wait', 'lead', { ...leading, enforced: null, accountsFor: '' }, 'enforce'],
  ['makes the accounts', 'lead', { ...leading, accountsFor: '' }, 'ensure-accounts'],
  ['switches the events on', 'lead', { ...leading, eventsEpoch: 4 }, 'enable-events'],
  ['then leads', 'lead', leading, 'nothing'],

  ['a primary hands over', 'hand-over', leading, 'hand-over'],
  [
    'also one whose opening was never confirmed',
    'hand-over',
    { ...leading, open: { ...open, confirmed: false } },
    'hand-over',
  ],
  ['once', 'hand-over', { ...now, ledEpoch: 5, handedOver }, 'nothing'],
  [
    'again for another attempt',
    'hand-over',
    { ...now, ledEpoch: 5, handedOver: { ...handedOver, id: 'before' } },
    'hand-over',
  ],
  ['has nothing to hand over after a restart', 'hand-over', { ...now, ledEpoch: 5 }, 'nothing'],
  ['or from a former epoch', 'hand-over', { ...leading, open: { ...open, epoch: 4 } }, 'kill-mysqld'],
];

describe('nextStep', () => {
  it.each(cases)('%s', (_name, duty, local, expected) => {
    expect(nextStep(duties[duty], { ...idle, ...local }, 'all').do).toBe(expected);
  });

  const busy: Partial<Local>[] = [{}, { receiving: true }, attached, { appliedEpoch: 5, handedOver }];

  it('never lets anyone but the leader stay open', () => {
    for (const duty of [duties.wait, duties.report, duties.follow, duties.silent])
      for (const local of busy)
        for (const epoch of [4, 5])
          expect(nextStep(duty, { ...idle, ...local, open, epoch, epochId: `e${epoch}` }, 'all').do).toBe(
            'kill-mysqld',
          );
  });

  it.each([
    ['older than what the volume has seen', { epoch: 6, epochId: 'e6' }],
    ['of another history', { epoch: 5, epochId: 'another' }],
  ])('does nothing about control %s', (_name, seen) => {
    for (const duty of [duties.report, duties.follow, duties.silent, duties.lead, duties['hand-over']])
      for (const local of [...busy, leading]) {
        expect(nextStep(duty, { ...idle, ...local, ...seen }, 'all').do).toBe('nothing');
        expect(acksOf(duty, { ...idle, ...local, ...seen })).toBeUndefined();
      }
  });

  it('never opens, attaches or reports before the epoch is durable', () => {
    for (const duty of Object.values(duties))
      for (const local of [...busy, { appliedEpoch: 5, reportedEpoch: null }])
        expect(['open', 'follow', 'report-position', 'apply']).not.toContain(
          nextStep(duty, { ...idle, ...local, epoch: 4, epochId: 'e4' }, 'all').do,
        );
  });
});

describe('acksOf', () => {
  const silent = { generation: 7, on: false };
  const table: [
    string,
    keyof typeof duties,
    Partial<Local>,
    { generation: number; on: boolean } | undefined,
  ][] = [
    ['nothing is certain while mysqld is not up', 'wait', { mysqld: 'down' }, undefined],
    ['who receives nothing acknowledges nothing', 'wait', {}, silent],
    ['a running receiver may', 'wait', { receiving: true }, undefined],
    ['also during an election', 'report', { receiving: true }, undefined],
    ['until it is stopped', 'report', {}, silent],
    ['told to, and does', 'follow', attached, { generation: 7, on: true }],
    [
      'told to, and does not yet',
      'follow',
      { ...attached, following: { ...following, semiSync: false } },
      undefined,
    ],
    ['told not to, and still does', 'silent', attached, undefined],
    [
      'told not to, and does not',
      'silent',
      { ...attached, following: { ...following, semiSync: false } },
      silent,
    ],
    ['told not to, and receives nothing', 'silent', now, silent],
    ['who follows another one is not sure', 'silent', { ...attached, following: null }, undefined],
  ];

  it.each(table)('%s', (_name, duty, local, expected) => {
    expect(acksOf(duties[duty], { ...idle, ...local })).toEqual(expected);
  });
});
