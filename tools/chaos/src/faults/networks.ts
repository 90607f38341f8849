import { cut, EITHER, type Fault, heal, newPrimary, type Party, signal, wait } from './fault.ts';

const CONTROLLERS: readonly Party[] = ['zookeepers', 'schedulers', 'masters'];

export const NETWORK_FAULTS: readonly Fault[] = (
  [
    {
      name: 'isolated-primary',
      about: 'the primary cut off from everything but its clients',
      steps: (dice) => [
        cut('old primary', [...CONTROLLERS, 'replicas'], dice.pick(EITHER)),
        newPrimary,
        wait(dice.whole(1_000, 4_000)),
        heal,
      ],
    },
    {
      name: 'isolated-primary-for-long',
      about: 'the same, for longer than a deposed primary may go on answering reads',
      steps: (dice) => [
        cut('old primary', [...CONTROLLERS, 'replicas'], dice.pick(EITHER)),
        newPrimary,
        wait(dice.whole(16_000, 20_000)),
        heal,
      ],
    },
    {
      name: 'isolated-primary-and-clients',
      about: 'the primary cut off from everything',
      steps: (dice) => [
        cut('old primary', [...CONTROLLERS, 'replicas', 'clients'], dice.pick(EITHER)),
        newPrimary,
        wait(dice.whole(1_000, 4_000)),
        heal,
      ],
    },
    {
      name: 'primary-without-replicas',
      about: 'the primary cut off from its replicas only',
      steps: (dice) => [
        cut('old primary', ['replicas'], dice.pick(EITHER)),
        wait(dice.whole(4_000, 12_000)),
        heal,
      ],
    },
    {
      name: 'primary-without-one-replica',
      about: 'the primary cut off from one replica, and killed after that',
      steps: (dice) => [
        cut('old primary', ['first replica'], dice.pick(EITHER)),
        wait(dice.whole(500, 4_000)),
        signal('mysqld', 'old primary', 'SIGKILL'),
        newPrimary,
        heal,
      ],
    },
    {
      name: 'replica-behind-and-host-loss',
      about: 'the primary cut off from one replica, and its host lost before that replica is let go',
      steps: (dice) => [
        cut('old primary', ['first replica'], dice.pick(EITHER)),
        wait(dice.whole(300, 1_500)),
        { do: 'power off', of: 'old primary', reboots: true },
        newPrimary,
        heal,
        wait(dice.whole(0, 2_000)),
        { do: 'start agent', of: 'old primary' },
      ],
    },
    {
      name: 'primary-without-zookeeper',
      about: 'the primary cut off from ZooKeeper only, past its session',
      keepsPrimary: true,
      steps: (dice) => [
        cut('old primary', ['zookeepers'], dice.pick(EITHER)),
        wait(dice.whole(8_000, 14_000)),
        heal,
        wait(2_000),
      ],
    },
    {
      name: 'replica-isolated',
      about: 'a replica cut off from everything',
      keepsPrimary: true,
      steps: (dice) => [
        cut('first replica', [...CONTROLLERS, 'old primary', 'second replica'], dice.pick(EITHER)),
        wait(dice.whole(3_000, 10_000)),
        heal,
      ],
    },
    {
      name: 'replicas-without-zookeeper',
      about: 'both replicas cut off from ZooKeeper, and then the primary dies',
      steps: (dice) => [
        cut('replicas', ['zookeepers'], dice.pick(EITHER)),
        wait(dice.whole(1_000, 8_000)),
        signal('mysqld', 'old primary', 'SIGKILL'),
        wait(dice.whole(1_000, 4_000)),
        heal,
        newPrimary,
      ],
    },
    {
      name: 'split',
      about: 'the primary, one ZooKeeper and one scheduler on one side, everybody else on the other',
      steps: (dice) => {
        const how = dice.pick(EITHER);
        const away: Party[] = ['replicas', 'other zookeepers', 'standby scheduler', 'masters'];
        return [
          cut('old primary', away, how),
          cut('first zookeeper', ['other zookeepers', 'replicas', 'standby scheduler'], how),
          cut('leading scheduler', ['other zookeepers', 'replicas', 'masters'], how),
          newPrimary,
          wait(dice.whole(1_000, 4_000)),
          heal,
        ];
      },
    },
    {
      name: 'stale-acker',
      about:
        'a replica that hears of no election goes on acknowledging to a primary that is elected again and then lost',
      steps: (dice) => [
        cut('first replica', CONTROLLERS, 'drop'),
        // The other one is left behind, so that only the old primary itself can be elected.
        cut('old primary', ['second replica'], 'drop'),
        wait(dice.whole(300, 1_000)),
        signal('mysqld', 'old primary', 'SIGKILL'),
        newPrimary,
        wait(dice.whole(1_000, 4_000)),
        { do: 'power off', of: 'old primary', reboots: true },
        wait(dice.whole(4_000, 8_000)),
        heal,
      ],
    },
    {
      name: 'errant-primary',
      about:
        'the primary cut off from its replicas while clients write to it, killed before they are back, and the primary again once it is rebuilt',
      steps: (dice) => [
        cut('old primary', ['replicas'], dice.pick(EITHER)),
        wait(700),
        signal('mysqld', 'old primary', 'SIGKILL'),
        cut('old primary', CONTROLLERS, 'drop'),
        newPrimary,
        heal,
        { do: 'await in sync', of: 'old primary', limitMs: 90_000 },
        wait(1_500),
        { do: 'switch over', to: 'old primary' },
        newPrimary,
        wait(1_000),
      ],
    },
    {
      name: 'one-way',
      about: 'packets between the primary and others are lost in one direction only',
      steps: (dice) => {
        const party = dice.pick<Party>(['replicas', 'zookeepers', 'first replica']);
        const inward = dice.chance(0.5);
        return [
          inward ? cut(party, ['old primary'], 'one way') : cut('old primary', [party], 'one way'),
          wait(dice.whole(4_000, 12_000)),
          heal,
          wait(1_000),
        ];
      },
    },
    {
      name: 'flapping-network',
      about: 'connections of the primary break and heal every second',
      steps: (dice) =>
        Array.from({ length: 5 }, () => [
          cut(
            'old primary',
            dice.pick<readonly Party[]>([['replicas'], ['first replica'], ['zookeepers'], ['clients']]),
            dice.pick(EITHER),
          ),
          wait(dice.whole(300, 1_800)),
          heal,
          wait(dice.whole(200, 1_000)),
        ]).flat(),
    },
  ] satisfies Fault[]
).map((fault: Fault) => ({ ...fault, needs: ['namespaces'] }));
