import { type Fault, type Step, signal, wait } from './fault.ts';

const toReplica: Step = { do: 'switch over', to: 'first replica' };
const toReplicaAnyway: Step = { ...toReplica, despiteObstacles: true };
const READ_LOCKS = [
  'FLUSH TABLES WITH READ LOCK',
  'LOCK TABLES writes READ, accounts READ, transfers READ, counters READ',
] as const;

export const SWITCHOVER_FAULTS: readonly Fault[] = [
  {
    name: 'switchover',
    about: 'a planned switchover under load',
    steps: () => [toReplica, wait(1_000)],
  },
  {
    name: 'switchover-long-transaction',
    about: 'a switchover with a transaction open that holds locks',
    steps: () => [
      {
        do: 'hold',
        of: 'primary',
        statements: ['START TRANSACTION', 'UPDATE accounts SET balance = balance WHERE id = 0'],
      },
      toReplicaAnyway,
      wait(1_000),
      { do: 'release' },
    ],
  },
  {
    name: 'switchover-read-lock',
    about: 'a switchover while all tables are locked for reading',
    steps: (dice) => [
      { do: 'hold', of: 'primary', statements: [dice.pick(READ_LOCKS)] },
      toReplicaAnyway,
      wait(2_000),
      { do: 'release' },
    ],
  },
  {
    name: 'switchover-waiting-ddl',
    about: 'a switchover while an ALTER TABLE waits and every writer waits behind it',
    steps: () => [
      { do: 'hold', of: 'primary', statements: ['START TRANSACTION', 'SELECT COUNT(*) FROM writes'] },
      { do: 'hold', of: 'primary', statements: ['ALTER TABLE writes COMMENT "waits"'] },
      wait(300),
      toReplicaAnyway,
      wait(2_000),
      { do: 'release' },
    ],
  },
  {
    name: 'switchover-and-kill',
    about: 'the primary or the target dies at any moment of a switchover',
    steps: (dice) => [
      toReplica,
      wait(dice.whole(0, 400)),
      signal('mysqld', dice.pick(['old primary', 'first replica']), 'SIGKILL'),
      wait(4_000),
    ],
  },
  {
    name: 'switchover-and-scheduler',
    about: 'the leading scheduler dies at any moment of a switchover',
    steps: (dice) => [
      toReplica,
      wait(dice.whole(0, 400)),
      { do: 'signal controller', of: 'leading scheduler', signal: 'SIGKILL' },
      wait(4_000),
    ],
  },
];
