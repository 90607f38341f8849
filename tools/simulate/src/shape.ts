import type { Durability } from '@cotton/core';
import type { Random } from './random.ts';
import type { Scope } from './scope.ts';

/** What is simulated: a cluster and its circumstances. */
export interface Shape {
  nodes: number;
  hosts: number;
  durability: Durability;
  sessionTimeoutMs: number;
  replacementTimeoutMs: number;
  electionTimeoutMs: number;
  /** Mean pause between a client's writes. */
  writeEveryMs: number;
  /** How slow everything is: time that steps take, as a factor. */
  slowness: number;
}

export function shapeOf(random: Random, scope: Scope): Shape {
  const nodes = Number(random.weighted(scope.nodes ?? { 1: 3, 2: 22, 3: 50, 4: 10, 5: 15 }));
  const ackChoices = scope.acks ?? { null: 70, 0: 3, 1: 12, 2: 15 };
  const chosen = random.weighted(ackChoices);
  return {
    nodes,
    hosts: nodes + random.below(2),
    durability: {
      acks: chosen === 'null' ? null : Number(chosen),
      minInSync: random.chance(0.15) ? 1 : 0,
      policy: random.chance(0.06) ? 'unsafe_available' : 'lossless',
      heartbeatBoundMs: scope.heartbeatBoundMs ?? random.pick([1_000, 1_500, 3_000]),
    },
    sessionTimeoutMs: scope.sessionTimeoutMs ?? random.pick([1_500, 2_000, 4_000]),
    replacementTimeoutMs: random.pick([8_000, 60_000, 600_000]),
    electionTimeoutMs: random.pick([4_000, 10_000]),
    writeEveryMs: random.pick([60, 150, 300]),
    slowness: random.pick([0.5, 1, 1, 2]),
  };
}
