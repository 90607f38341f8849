import type { Dice } from '../dice.ts';
import { CHANGE_FAULTS } from './changes.ts';
import { CONTROLLER_FAULTS } from './controllers.ts';
import type { Fault, Step } from './fault.ts';
import { HOST_FAULTS } from './hosts.ts';
import { NETWORK_FAULTS } from './networks.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { SWITCHOVER_FAULTS } from './switchovers.ts';

const ALONE: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...HOST_FAULTS,
  ...CONTROLLER_FAULTS,
  ...NETWORK_FAULTS,
  ...SWITCHOVER_FAULTS,
  ...CHANGE_FAULTS,
];

/**
 * Two or three of the others at once, their steps mixed; each keeps its own order. None of those that may lose writes:
 * with replicas away they surely do.
 */
function combination(name: string, from: readonly Fault[], needs: Fault['needs']): Fault {
  return {
    name,
    about: `two or three faults at once${needs ? ', also of networks and disks' : ''}`,
    ...(needs && { needs }),
    steps: (dice) => {
      const chosen = dice.shuffle(from).slice(0, dice.whole(2, 3));
      return interleave(
        chosen.map((fault) => fault.steps(dice)),
        dice,
      );
    },
  };
}

function interleave(lists: Step[][], dice: Dice): Step[] {
  const open = lists.map((list) => [...list]);
  const mixed: Step[] = [];
  for (;;) {
    const left = open.filter((list) => list.length > 0);
    if (left.length === 0) return mixed;
    const next = dice.pick(left).shift();
    // Waiting for each other's events would make a row of what should be a knot.
    if (next) mixed.push(next.do === 'await new primary' ? { ...next, limitMs: 4_000 } : next);
  }
}

const COVERED = ALONE.filter(({ mayLose }) => !mayLose);
const COVERED_OF_PROCESSES = COVERED.filter(({ needs }) => !needs);

export const FAULTS: readonly Fault[] = [
  ...ALONE,
  combination('combined', COVERED_OF_PROCESSES, undefined),
  combination('combined-network', COVERED, ['namespaces', 'small disks']),
];

export function faultNamed(name: string): Fault | undefined {
  return FAULTS.find((fault) => fault.name === name);
}
