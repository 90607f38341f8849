import { controller, election, type Fault, newPrimary, signal, wait } from './fault.ts';

const kill = (part: 'mysqld' | 'executor' | 'agent', of: 'primary' | 'old primary' | 'first replica') =>
  signal(part, of, 'SIGKILL');

const READ_LOCKS = 'LOCK TABLES writes READ, accounts READ, transfers READ, counters READ';

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'kill-primary',
    about: "kill -9 of the primary's mysqld",
    steps: () => [kill('mysqld', 'primary'), newPrimary],
  },
  {
    name: 'kill-primary-again',
    about: "kill -9 of the primary's mysqld, and of its successor's as soon as it takes writes",
    steps: () => [kill('mysqld', 'primary'), newPrimary, kill('mysqld', 'primary'), newPrimary],
  },
  {
    name: 'kill-same-twice',
    about: "kill -9 of the primary's mysqld, and again within its restart",
    steps: (dice) => [
      kill('mysqld', 'old primary'),
      wait(dice.whole(50, 1_500)),
      kill('mysqld', 'old primary'),
      newPrimary,
    ],
  },
  {
    name: 'kill-replica',
    about: "kill -9 of a replica's mysqld",
    steps: () => [kill('mysqld', 'first replica'), wait(2_000)],
  },
  {
    name: 'kill-executor',
    about: "kill -9 of the primary's executor (mysqld dies with it)",
    steps: () => [kill('executor', 'primary'), newPrimary],
  },
  {
    name: 'kill-replica-executor',
    about: "kill -9 of a replica's executor",
    steps: () => [kill('executor', 'first replica'), wait(3_000)],
  },
  {
    name: 'stop-primary',
    about: "SIGSTOP of the primary's mysqld, longer than the heartbeat bound",
    steps: (dice) => [
      signal('mysqld', 'old primary', 'SIGSTOP'),
      wait(dice.whole(6_000, 12_000)),
      signal('mysqld', 'old primary', 'SIGCONT'),
      wait(1_000),
    ],
  },
  {
    name: 'stop-primary-briefly',
    about: "SIGSTOP of the primary's mysqld for up to 4 s",
    steps: (dice) => [
      signal('mysqld', 'old primary', 'SIGSTOP'),
      wait(dice.whole(300, 4_000)),
      signal('mysqld', 'old primary', 'SIGCONT'),
      wait(3_000),
    ],
  },
  {
    name: 'stop-replica',
    about: "SIGSTOP of a replica's mysqld",
    steps: (dice) => [
      signal('mysqld', 'first replica', 'SIGSTOP'),
      wait(dice.whole(2_000, 10_000)),
      signal('mysqld', 'first replica', 'SIGCONT'),
    ],
  },
  {
    name: 'stop-executor',
    about: "SIGSTOP of the primary's executor until its session is gone, while its mysqld goes on",
    steps: (dice) => [
      signal('executor', 'old primary', 'SIGSTOP'),
      wait(dice.whole(8_000, 14_000)),
      signal('executor', 'old primary', 'SIGCONT'),
      wait(2_000),
    ],
  },
  {
    name: 'kill-primary-with-stopped-executor',
    about: "SIGSTOP of the primary's executor, then kill -9 of its mysqld",
    steps: (dice) => [
      signal('executor', 'old primary', 'SIGSTOP'),
      wait(dice.whole(0, 3_000)),
      kill('mysqld', 'old primary'),
      newPrimary,
      signal('executor', 'old primary', 'SIGCONT'),
    ],
  },
  {
    name: 'term-primary',
    about: "SIGTERM to the primary's mysqld from outside (not covered: it answers OK to whoever still waits)",
    mayLose: true,
    steps: () => [signal('mysqld', 'old primary', 'SIGTERM'), newPrimary],
  },
  {
    name: 'acker-dead',
    about: 'one replica killed, then the primary, then the replica comes back',
    steps: (dice) => [
      signal('executor', 'first replica', 'SIGKILL'),
      wait(dice.whole(0, 1_500)),
      kill('mysqld', 'primary'),
      newPrimary,
    ],
  },
  {
    name: 'lagging-replicas',
    about: "users' locks on both replicas keep them from applying; then the primary dies",
    steps: (dice) => [
      { do: 'hold', of: 'replicas', statements: [READ_LOCKS] },
      wait(dice.whole(1_000, 4_000)),
      kill(dice.pick(['mysqld', 'executor']), 'primary'),
      newPrimary,
      { do: 'release' },
    ],
  },
  {
    name: 'lagging-replicas-restart',
    about: 'the same, and the mysqld of a replica dies with what it has received and not applied',
    steps: (dice) => [
      { do: 'hold', of: 'replicas', statements: [READ_LOCKS] },
      wait(dice.whole(1_000, 4_000)),
      { do: 'power off', of: 'old primary', reboots: false },
      wait(dice.whole(0, 200)),
      kill('mysqld', 'first replica'),
      newPrimary,
      { do: 'release' },
      wait(1_000),
    ],
  },
  {
    name: 'both-replicas',
    about: 'both replicas lost at once',
    steps: (dice) => [
      signal(dice.pick(['mysqld', 'executor']), 'replicas', 'SIGKILL'),
      wait(dice.whole(1_000, 6_000)),
    ],
  },
  {
    name: 'both-replicas-then-primary',
    about: 'both replicas lost at once, then the primary',
    steps: (dice) => [
      signal('mysqld', 'replicas', 'SIGKILL'),
      wait(dice.whole(0, 2_000)),
      kill('mysqld', 'primary'),
      wait(5_000),
    ],
  },
  {
    name: 'restart-during-election',
    about: "kill -9 of the primary's mysqld, and of a replica's as soon as the election runs",
    steps: (dice) => [
      kill('mysqld', 'primary'),
      election,
      wait(dice.whole(0, 300)),
      kill('mysqld', 'first replica'),
      newPrimary,
    ],
  },
  {
    name: 'all-mysqlds',
    about: 'kill -9 of every mysqld within a moment, in any order',
    steps: (dice) =>
      dice
        .shuffle(['old primary', 'first replica', 'second replica'] as const)
        .flatMap((member) => [signal('mysqld', member, 'SIGKILL'), wait(dice.whole(0, 200))]),
  },
  {
    name: 'flapping',
    about: 'mysqlds of changing members die every second or two',
    steps: (dice) =>
      Array.from({ length: 6 }, () => [
        signal('mysqld', dice.pick(['primary', 'old primary', 'first replica', 'second replica']), 'SIGKILL'),
        wait(dice.whole(500, 2_500)),
      ]).flat(),
  },
  {
    name: 'kill-primary-and-scheduler',
    about: "kill -9 of the primary's mysqld and, at any moment of the election, of the leading scheduler",
    steps: (dice) => [
      kill('mysqld', 'primary'),
      wait(dice.whole(0, 600)),
      controller('leading scheduler', 'SIGKILL'),
      newPrimary,
    ],
  },
  {
    name: 'stop-scheduler-in-election',
    about: 'SIGSTOP of the leading scheduler during an election, until after its standby has taken over',
    steps: (dice) => [
      kill('mysqld', 'primary'),
      wait(dice.whole(0, 400)),
      controller('leading scheduler', 'SIGSTOP'),
      newPrimary,
      controller('schedulers', 'SIGCONT'),
      wait(2_000),
    ],
  },
];
