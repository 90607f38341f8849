import { controller, type Fault, newPrimary, signal, wait } from './fault.ts';

export const HOST_FAULTS: readonly Fault[] = [
  {
    name: 'host-loss',
    about: "the primary's host loses power and comes back (agent, executor and mysqld die at once)",
    steps: (dice) => [
      { do: 'power off', of: 'primary', reboots: true },
      newPrimary,
      wait(dice.whole(0, 3_000)),
      { do: 'start agent', of: 'old primary' },
    ],
  },
  {
    name: 'host-and-zookeeper-loss',
    about: "the primary's host and one ZooKeeper server vanish at once, as where they share a host",
    steps: (dice) => [
      // Frozen it says no goodbye, as a host that has lost its power says none.
      controller(dice.pick(['first zookeeper', 'leading zookeeper']), 'SIGSTOP'),
      { do: 'power off', of: 'primary', reboots: true },
      newPrimary,
      wait(dice.whole(0, 3_000)),
      controller('zookeepers', 'SIGCONT'),
      { do: 'start agent', of: 'old primary' },
    ],
  },
  {
    name: 'replica-host-loss',
    about: "a replica's host loses power and comes back",
    steps: (dice) => [
      { do: 'power off', of: 'first replica', reboots: true },
      wait(dice.whole(2_000, 9_000)),
      { do: 'start agent', of: 'first replica' },
    ],
  },
  {
    name: 'host-stop',
    about: "everything on the primary's host is frozen past its session, then goes on",
    steps: (dice) => [
      signal('host', 'old primary', 'SIGSTOP'),
      newPrimary,
      wait(dice.whole(0, 3_000)),
      signal('host', 'old primary', 'SIGCONT'),
      wait(2_000),
    ],
  },
  {
    name: 'two-hosts',
    about: 'the hosts of the primary and of one replica lose power at once',
    steps: (dice) => [
      { do: 'power off', of: 'first replica', reboots: true },
      { do: 'power off', of: 'primary', reboots: true },
      wait(dice.whole(5_000, 9_000)),
    ],
  },
  {
    name: 'power-loss',
    about: 'all hosts of the cluster lose power at once; what was not synced of relay logs is gone',
    steps: (dice) => [
      { do: 'power off', of: 'members', reboots: true, cutsRelayLogs: true },
      wait(dice.whole(500, 2_000)),
    ],
  },
  {
    name: 'kill-agent',
    about: "kill -9 of the primary's Mesos agent, which comes back and finds its executor",
    keepsPrimary: true,
    steps: (dice) => [
      signal('agent', 'primary', 'SIGKILL'),
      wait(dice.whole(500, 5_000)),
      { do: 'start agent', of: 'old primary' },
      wait(2_000),
    ],
  },
  {
    name: 'new-agent-id',
    about: 'the agent of the primary comes back under a new id while its old executor is alive',
    steps: () => [
      signal('agent', 'old primary', 'SIGKILL'),
      { do: 'start agent', of: 'old primary', asNewAgent: true },
      wait(6_000),
    ],
  },
  {
    name: 'volume-lost',
    about: "a replica's host comes back with an empty volume",
    steps: () => [
      { do: 'power off', of: 'first replica', reboots: true },
      { do: 'wipe volume', of: 'first replica' },
      { do: 'start agent', of: 'first replica' },
      wait(2_000),
    ],
  },
  {
    name: 'primary-volume-lost',
    about: "the primary's host comes back with an empty volume",
    steps: () => [
      { do: 'power off', of: 'old primary', reboots: true },
      { do: 'wipe volume', of: 'old primary' },
      newPrimary,
      { do: 'start agent', of: 'old primary' },
      wait(2_000),
    ],
  },
  {
    name: 'port-reused',
    about: "another server listens on the dead primary's port",
    needs: ['namespaces'],
    steps: () => [
      { do: 'power off', of: 'old primary', reboots: false },
      { do: 'occupy port', of: 'old primary' },
      newPrimary,
      { do: 'start agent', of: 'old primary' },
      wait(4_000),
      { do: 'release' },
    ],
  },
  {
    name: 'disk-full-primary',
    about: "the primary's disk is full for a while",
    needs: ['small disks'],
    steps: (dice) => [
      { do: 'fill disk', of: 'old primary' },
      wait(dice.whole(5_000, 12_000)),
      { do: 'free disks' },
      wait(2_000),
    ],
  },
  {
    name: 'disk-full-replica',
    about: "a replica's disk is full for a while",
    needs: ['small disks'],
    steps: (dice) => [
      { do: 'fill disk', of: 'first replica' },
      wait(dice.whole(4_000, 10_000)),
      { do: 'free disks' },
      wait(1_000),
    ],
  },
  {
    name: 'disks-full',
    about: 'the disks of all members are full for a while: they hold the same data',
    needs: ['small disks'],
    steps: (dice) => [
      { do: 'fill disk', of: 'members' },
      wait(dice.whole(4_000, 10_000)),
      { do: 'free disks' },
      wait(2_000),
    ],
  },
  {
    name: 'disk-stall-primary',
    about: "every write to the primary's disk hangs for a while",
    needs: ['freezable disks'],
    steps: (dice) => [
      { do: 'freeze disk', of: 'old primary' },
      wait(dice.whole(6_000, 12_000)),
      { do: 'free disks' },
      wait(2_000),
    ],
  },
  {
    name: 'disk-stall-replica',
    about: "every write to a replica's disk hangs for a while, and the primary dies meanwhile",
    needs: ['freezable disks'],
    steps: (dice) => [
      { do: 'freeze disk', of: 'first replica' },
      wait(dice.whole(1_000, 8_000)),
      signal('mysqld', 'primary', 'SIGKILL'),
      newPrimary,
      { do: 'free disks' },
    ],
  },
  {
    name: 'disk-full-then-primary',
    about: "a replica's disk is full when the primary dies",
    needs: ['small disks'],
    steps: (dice) => [
      { do: 'fill disk', of: 'first replica' },
      wait(dice.whole(1_000, 4_000)),
      signal('mysqld', 'primary', 'SIGKILL'),
      newPrimary,
      { do: 'free disks' },
    ],
  },
];
