import { controller, cut, EITHER, type Fault, type Member, newPrimary, signal, wait } from './fault.ts';

/** Whoever serves data is left alone: the primary has to stay. */
const HARMLESS: readonly Fault[] = (
  [
    {
      name: 'kill-scheduler',
      about: 'kill -9 of the leading scheduler',
      steps: () => [controller('leading scheduler', 'SIGKILL'), wait(4_000)],
    },
    {
      name: 'stop-scheduler',
      about: 'SIGSTOP of the leading scheduler past its session, then SIGCONT',
      steps: (dice) => [
        controller('leading scheduler', 'SIGSTOP'),
        wait(dice.whole(8_000, 11_000)),
        controller('schedulers', 'SIGCONT'),
        wait(3_000),
      ],
    },
    {
      name: 'all-schedulers',
      about: 'all schedulers down for a while',
      steps: (dice) => [
        controller('schedulers', 'SIGKILL'),
        wait(dice.whole(3_000, 10_000)),
        { do: 'start controller', of: 'schedulers' },
        wait(3_000),
      ],
    },
    {
      name: 'kill-zookeeper',
      about: 'kill -9 of one ZooKeeper server',
      steps: (dice) => [
        controller(dice.pick(['first zookeeper', 'leading zookeeper']), 'SIGKILL'),
        wait(dice.whole(2_000, 8_000)),
        { do: 'start controller', of: 'zookeepers' },
      ],
    },
    {
      name: 'all-zookeepers',
      about: 'all ZooKeeper servers down, for longer than a session',
      steps: (dice) => [
        controller('zookeepers', 'SIGKILL'),
        wait(dice.whole(2_000, 12_000)),
        { do: 'start controller', of: 'zookeepers' },
        wait(3_000),
      ],
    },
    {
      name: 'stop-zookeepers',
      about: 'SIGSTOP of all ZooKeeper servers past the session, then SIGCONT',
      steps: (dice) => [
        controller('zookeepers', 'SIGSTOP'),
        wait(dice.whole(7_000, 12_000)),
        controller('zookeepers', 'SIGCONT'),
        wait(3_000),
      ],
    },
    {
      name: 'kill-masters',
      about: 'kill -9 of the leading Mesos master; another takes over',
      steps: () => [
        controller('leading master', 'SIGKILL'),
        wait(3_000),
        { do: 'start controller', of: 'masters' },
        wait(2_000),
      ],
    },
    {
      name: 'scheduler-cut-off',
      about: 'the leading scheduler cut off from everything',
      needs: ['namespaces'],
      steps: (dice) => [
        cut('leading scheduler', ['zookeepers', 'masters', 'members'], dice.pick(EITHER)),
        wait(dice.whole(8_000, 11_000)),
        { do: 'heal' },
        wait(3_000),
      ],
    },
  ] satisfies Fault[]
).map((fault: Fault) => ({ ...fault, keepsPrimary: true }));

export const CONTROLLER_FAULTS: readonly Fault[] = [
  ...HARMLESS,
  {
    name: 'master-failover-in-election',
    about: "the leading Mesos master dies together with the primary's mysqld",
    steps: (dice) => [
      controller('leading master', 'SIGKILL'),
      wait(dice.whole(0, 500)),
      signal(dice.pick(['mysqld', 'executor']), 'primary', 'SIGKILL'),
      newPrimary,
      { do: 'start controller', of: 'masters' },
    ],
  },
  {
    name: 'zookeeper-restored',
    about: 'a failover, then all of ZooKeeper restored from a copy made before it',
    steps: () => [
      { do: 'save zookeeper' },
      wait(500),
      signal('mysqld', 'primary', 'SIGKILL'),
      newPrimary,
      wait(2_000),
      { do: 'restore zookeeper' },
      wait(3_000),
    ],
  },
  {
    name: 'zookeeper-restored-before-relaunch',
    about:
      'executors killed and started again, then all of ZooKeeper restored from a copy that knows none of their tasks',
    steps: (dice) => {
      const relaunched = dice.pick<Member>(['first replica', 'old primary', 'members']);
      return [
        { do: 'save zookeeper' },
        wait(500),
        signal('executor', relaunched, 'SIGKILL'),
        wait(2_000),
        { do: 'await in sync', of: 'members', limitMs: 60_000 },
        { do: 'restore zookeeper' },
        wait(3_000),
      ];
    },
  },
  {
    name: 'zookeeper-restored-same-epoch',
    about:
      'ZooKeeper restored from before both replicas were lost and the primary went on alone; then it dies',
    steps: (dice) => [
      { do: 'save zookeeper' },
      { do: 'power off', of: 'replicas', reboots: false },
      wait(dice.whole(4_000, 7_000)),
      { do: 'restore zookeeper' },
      wait(dice.whole(0, 3_000)),
      { do: 'start agent', of: 'replicas' },
      wait(dice.whole(0, 4_000)),
      signal('mysqld', 'old primary', 'SIGKILL'),
      wait(3_000),
    ],
  },
  {
    name: 'primary-dies-without-zookeeper',
    about: "the primary's mysqld dies while ZooKeeper is down",
    steps: (dice) => [
      controller('zookeepers', 'SIGKILL'),
      wait(dice.whole(0, 3_000)),
      signal('mysqld', 'old primary', 'SIGKILL'),
      wait(dice.whole(1_000, 8_000)),
      { do: 'start controller', of: 'zookeepers' },
      wait(2_000),
    ],
  },
];
