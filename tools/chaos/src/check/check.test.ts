import { describe, expect, it } from 'vitest';
import type { History, Holding, Read, Transfer, Write } from '../history.ts';
import { check } from './check.ts';

const BANK = { accounts: 2, opening: 100 };
const P = 'aaaaaaaa#1';
const R = 'bbbbbbbb#1';
const UUID_P = 'aaaaaaaa-0000-4000-8000-000000000001';

/** A round in which nothing went wrong: five writes, of which R took the last two, one transfer, two reads. */
function soundHistory(): History {
  const writes = [1, 2, 3, 4, 5].map((seq) => write(seq, seq <= 3 ? P : R));
  const transfer: Transfer = {
    ...write(1, P),
    kind: 'transfer',
    client: 101,
    from: 0,
    to: 1,
    amount: 30,
    gtid: `${UUID_P}:9`,
  };
  const holdings = ['chaos-1', 'chaos-0', 'chaos-2'].map(holding);
  return {
    ...{ writes, holdings, transfers: [transfer], reads: [read(P, 35, 3), read(R, 55, 5)] },
    sights: [sight(0, 7, 'chaos-0'), sight(36, 8, null), sight(39, 8, 'chaos-1')],
    increments: [1, 2, 3].map((seq) => ({ ...write(seq, P), kind: 'increment', client: 151 })),
    ...{ strays: {}, reported: '' },
  };
}

function write(seq: number, server: string): Write {
  const startedMs = seq * 10;
  return {
    ...{ kind: 'write', client: 1, seq, server, startedMs, endedMs: startedMs + 4, isAcknowledged: true },
    gtid: `${UUID_P}:${seq}`,
  };
}

function read(server: string, startedMs: number, highest: number): Read {
  return { client: 201, server, startedMs, endedMs: startedMs + 2, highest: { 1: highest }, sum: 200 };
}

function holding(instance: string): Holding {
  return {
    ...{ instance, digest: 'd', writes: ['1:1', '1:2', '1:3', '1:4', '1:5'] },
    ...{ transfers: ['101:1:0:1:30'], balances: [70, 130], counter: 3, executed: `${UUID_P}:1-9` },
  };
}

function sight(atMs: number, epoch: number, primary: string | null): History['sights'][number] {
  return { atMs, epoch, primary, state: primary ? 'HEALTHY' : 'ELECTING', reason: '' };
}

/** The kinds of violations in a sound history into which `plant` put something. */
function kindsAfter(plant: (history: History) => void, keepsPrimary = false): string[] {
  const history = soundHistory();
  plant(history);
  const found = check(history, { bank: BANK, staleReadsMs: 10, keepsPrimary });
  return [...new Set(found.map(({ kind }) => kind))].sort();
}

describe('a sound history', () => {
  it('passes', () => {
    expect(kindsAfter(() => undefined)).toEqual([]);
  });

  it('may hold writes that nobody acknowledged, on all members or on none', () => {
    const unknown = { isAcknowledged: false, startedMs: 100, endedMs: 101 };
    const plant = (history: History): void => {
      history.writes.push({ ...write(6, R), ...unknown }, { ...write(7, R), ...unknown });
      for (const one of history.holdings) one.writes.push('1:7');
    };
    expect(kindsAfter(plant)).toEqual([]);
  });
});

describe('what members hold in the end', () => {
  it.each([
    [2, 'lost'],
    [4, 'doubled'],
  ])('shows a counter of %d after three increments as %s', (counter, kind) => {
    const plant = (history: History): void => {
      for (const one of history.holdings) one.counter = counter;
    };
    expect(kindsAfter(plant)).toEqual([kind]);
  });

  it('shows a lost write', () => {
    const plant = (history: History): void => {
      for (const one of history.holdings) one.writes.splice(3, 1);
    };
    expect(kindsAfter(plant)).toEqual(['lost']);
  });

  it('shows a lost transfer', () => {
    const plant = (history: History): void => {
      for (const one of history.holdings) Object.assign(one, { transfers: [], balances: [100, 100] });
    };
    expect(kindsAfter(plant)).toEqual(['lost']);
  });

  it('shows a lost transaction whose row somebody wrote again', () => {
    const plant = (history: History): void => {
      for (const one of history.holdings) one.executed = `${UUID_P}:1-2:4-9`;
    };
    expect(kindsAfter(plant)).toEqual(['lost']);
  });

  it.each<[string, Partial<Holding>]>([
    ['lacks a row', { writes: ['1:1', '1:2', '1:3', '1:4'] }],
    ['has a row too many', { writes: ['1:1', '1:2', '1:3', '1:4', '1:5', '1:6'] }],
    ['has other contents', { digest: 'other' }],
    ['lacks a transaction', { executed: `${UUID_P}:1-8` }],
  ])('shows a replica that %s', (_, change) => {
    expect(kindsAfter(({ holdings }) => Object.assign(holdings[2] ?? {}, change))).toEqual(['differs']);
  });

  it('shows money that appeared', () => {
    expect(kindsAfter(({ holdings }) => (holdings[0]!.balances = [70, 131]))).toEqual(['sum']);
  });

  it('shows half a transfer, though the sum is right', () => {
    expect(kindsAfter(({ holdings }) => (holdings[0]!.balances = [100, 100]))).toEqual(['sum']);
  });

  it('shows transactions that vanished unreported', () => {
    const plant = (history: History): void => {
      history.strays = { 'chaos-0': `${UUID_P}:20-21` };
    };
    expect(kindsAfter(plant)).toEqual(['errant']);
    expect(
      kindsAfter((history) => {
        plant(history);
        history.reported = `${UUID_P}:20-21`;
      }),
    ).toEqual([]);
  });
});

describe('reigns', () => {
  const old = (startedMs: number): Write => ({ ...write(1, P), startedMs, endedMs: startedMs + 2 });

  it('may not overlap: the deposed primary acknowledges between two acknowledgements of its successor', () => {
    const plant = ({ writes }: History): void => void writes.push(old(46));
    expect(kindsAfter(plant)).toEqual(['doubled']);
  });

  it('may not come back without an epoch of their own', () => {
    const plant = ({ writes }: History): void => void writes.push(old(70));
    expect(kindsAfter(plant)).toEqual(['doubled']);
    expect(
      kindsAfter((history) => {
        plant(history);
        history.sights.push(sight(60, 9, 'chaos-0'));
      }),
    ).toEqual([]);
  });

  it('are told apart by incarnation: a primary that restarts unnoticed', () => {
    const plant = ({ writes }: History): void => {
      writes[4] = { ...write(5, 'bbbbbbbb#2') };
    };
    expect(kindsAfter(plant)).toEqual(['doubled']);
  });

  it('may end with an answer that was long under way', () => {
    const late = ({ writes }: History): void => void writes.push({ ...old(28), endedMs: 300 });
    expect(kindsAfter(late)).toEqual([]);
  });
});

describe('reads', () => {
  it('may not miss what was acknowledged before', () => {
    expect(kindsAfter(({ reads }) => (reads[0] = read(P, 25, 1)))).toEqual(['stale']);
  });

  it('of a deposed primary may be stale for a while, and not for longer', () => {
    const readOfOld = (startedMs: number) => (history: History) =>
      void history.reads.splice(1, 1, read(P, startedMs, 3));
    expect(kindsAfter(readOfOld(46))).toEqual([]);
    expect(kindsAfter(readOfOld(60))).toEqual(['stale']);
  });

  it('may not see what is gone in the end', () => {
    expect(kindsAfter(({ reads }) => (reads[1] = read(R, 55, 6)))).toEqual(['phantom']);
  });

  it('may not go back', () => {
    const plant = ({ reads, writes, holdings }: History): void => {
      // Seen and there in the end, though its writer never heard of it.
      reads.unshift(read(P, 20, 9));
      writes.push({ ...write(9, P), isAcknowledged: false });
      for (const one of holdings) one.writes.push('1:9');
    };
    expect(kindsAfter(plant)).toEqual(['regressed']);
  });

  it('always see the same sum', () => {
    expect(kindsAfter(({ reads }) => (reads[1]!.sum = 170))).toEqual(['sum']);
  });
});

it('sees an election that nothing asked for', () => {
  expect(kindsAfter(() => undefined, true)).toEqual(['needless failover']);
});
