import { type Fault, newPrimary, signal, wait } from './fault.ts';

/** Changes that an operator asks for, while something else goes wrong. */
export const CHANGE_FAULTS: readonly Fault[] = [
  {
    name: 'grow-and-kill',
    about: 'a member more is asked for, and the primary dies on the way',
    steps: (dice) => [
      { do: 'change', members: 1 },
      wait(dice.whole(500, 8_000)),
      signal('mysqld', 'primary', 'SIGKILL'),
      newPrimary,
      wait(dice.whole(0, 5_000)),
    ],
  },
  {
    name: 'shrink-and-kill',
    about: 'a member or two less are asked for, and the primary dies on the way',
    steps: (dice) => [
      { do: 'change', members: dice.pick([-1, -2]) },
      wait(dice.whole(0, 2_000)),
      signal(dice.pick(['mysqld', 'executor']), 'primary', 'SIGKILL'),
      newPrimary,
    ],
  },
  {
    name: 'min-in-sync',
    about: 'min_in_sync 1, and both replicas lose power: nobody goes on alone; then the primary dies as well',
    steps: (dice) => [
      { do: 'change', minInSync: 1 },
      wait(dice.whole(500, 2_000)),
      { do: 'power off', of: 'replicas', reboots: dice.chance(0.5) },
      wait(dice.whole(4_000, 8_000)),
      signal('mysqld', 'primary', 'SIGKILL'),
      wait(dice.whole(0, 2_000)),
      { do: 'start agent', of: 'replicas' },
      newPrimary,
    ],
  },
  {
    name: 'change-acks',
    about: 'the number of acknowledgements is changed there and back, and the primary dies on the way',
    steps: (dice) => [
      { do: 'change', acks: dice.pick([0, 2]) },
      wait(dice.whole(0, 3_000)),
      signal('mysqld', dice.pick(['primary', 'first replica']), 'SIGKILL'),
      wait(dice.whole(500, 3_000)),
      { do: 'change', acks: null },
      wait(dice.whole(0, 1_000)),
      signal('mysqld', 'primary', 'SIGKILL'),
      wait(2_000),
    ],
  },
];
