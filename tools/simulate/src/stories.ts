/**
 * Stories: a few faults in a row that make one rule matter, told with other times in every history. Chance alone would
 * meet them once in thousands.
 */
import type { FaultKind, ScriptedFault, Who } from './plan.ts';
import type { Scope } from './scope.ts';

/** A fault of a story: so long after the one before, for so long. */
function then(
  kind: FaultKind,
  who: Who,
  afterMs: readonly [number, number],
  forMs: readonly [number, number] = [100, 1_000],
): ScriptedFault {
  return { kind, who, when: { afterMs }, forMs };
}

function at(
  hook: string,
  nth: number,
  kind: FaultKind,
  who: Who,
  forMs: readonly [number, number] = [100, 1_000],
): ScriptedFault {
  return { kind, who, when: { hook, nth }, forMs };
}

export const STORIES = {
  'unapplied acknowledgement': {
    nodes: { 3: 1 },
    script: [
      then('slow applier', 'first', [500, 1_500], [4_000, 8_000]),
      then('slow applier', 'second', [0, 10], [4_000, 8_000]),
      then('cut from primary', 'first', [0, 300], [500, 900]),
      then('kill mysqld', 'primary', [50, 500]),
      at('before apply', 1, 'kill mysqld', 'actor'),
    ],
  },
  'unapplied, twice acknowledged': {
    nodes: { 3: 1 },
    acks: { 2: 1 },
    script: [
      then('slow applier', 'first', [500, 1_500], [4_000, 8_000]),
      then('slow applier', 'second', [0, 10], [4_000, 8_000]),
      then('kill mysqld', 'primary', [200, 800]),
      at('after follow', 1, 'reboot host', 'founder', [5_000, 6_000]),
    ],
  },
  'executor asleep': {
    nodes: { 3: 1 },
    script: [
      then('freeze executor', 'primary', [500, 1_500], [3_000, 6_000]),
      then('fail over', 'first', [50, 300]),
    ],
  },
  'leaver and joiner': {
    nodes: { 5: 1 },
    acks: { 2: 1 },
    heartbeatBoundMs: 3_000,
    sessionTimeoutMs: 4_000,
    script: [
      then('kill mysqld', 'fourth', [500, 900]),
      at('after start-mysqld', 1, 'cut from primary', 'second', [3_000, 4_000]),
      then('cut from primary', 'third', [0, 5], [3_000, 4_000]),
      at('persisted', 1, 'freeze scheduler', 'primary', [1_100, 1_900]),
      then('kill mysqld', 'first', [100, 900], [5_000, 6_000]),
    ],
  },
  'leaver, then joiner': {
    nodes: { 5: 1 },
    acks: { 2: 1 },
    heartbeatBoundMs: 3_000,
    sessionTimeoutMs: 4_000,
    script: [
      then('kill executor', 'fourth', [500, 900]),
      then('cut from primary', 'second', [400, 1_100], [3_000, 4_000]),
      then('cut from primary', 'third', [0, 10], [3_000, 4_000]),
      then('kill mysqld', 'first', [100, 600], [5_000, 6_000]),
    ],
  },
  'marker of a leaver': {
    nodes: { 5: 1 },
    acks: { 2: 1 },
    heartbeatBoundMs: 3_000,
    script: [
      then('cut from primary', 'second', [500, 1_000], [800, 1_100]),
      then('cut from primary', 'third', [0, 5], [1_200, 2_500]),
      then('cut from primary', 'fourth', [0, 5], [1_200, 2_500]),
      then('kill executor', 'first', [150, 500]),
    ],
  },
  'forgetful winner': {
    nodes: { 3: 1 },
    script: [
      then('slow applier', 'first', [500, 1_000], [4_000, 8_000]),
      then('cut from primary', 'second', [0, 100], [400, 800]),
      then('reboot host', 'primary', [100, 300], [8_000, 12_000]),
      at('before apply', 1, 'reboot host', 'actor', [300, 900]),
    ],
  },
  'long cut off': {
    nodes: { 3: 1 },
    script: [
      then('cut from all', 'primary', [500, 1_500], [15_000, 18_000]),
      then('slow applier', 'first', [15_000, 16_000]),
    ],
  },
  'shrinking while the primary dies': {
    nodes: { 3: 8, 4: 3 },
    script: [
      then('shrink', 'primary', [500, 1_000]),
      then('kill mysqld', 'primary', [0, 60]),
      then('kill executor', 'last', [0, 300]),
      then('kill executor', 'founder', [0, 300]),
    ],
  },
  'shrinking past a sleeper': {
    nodes: { 3: 1 },
    script: [
      then('freeze executor', 'last', [500, 1_000], [2_500, 5_000]),
      then('cut from primary', 'first', [0, 300], [2_000, 4_000]),
      then('shrink', 'primary', [0, 300]),
    ],
  },
  'target behind': {
    nodes: { 3: 1 },
    script: [
      then('cut from primary', 'first', [500, 1_000], [200, 900]),
      then('switch over', 'any', [20, 200], [2_000, 3_000]),
    ],
  },
  'task ended with waiters': {
    nodes: { 3: 1 },
    heartbeatBoundMs: 3_000,
    script: [
      then('cut from replicas', 'primary', [500, 1_000], [3_000, 5_000]),
      then('end task', 'primary', [200, 900]),
    ],
  },
  'reused name': {
    nodes: { 5: 1 },
    acks: { 2: 1 },
    sessionTimeoutMs: 1_500,
    script: [
      then('cut from primary', 'first', [500, 1_000], [700, 1_000]),
      then('cut from primary', 'second', [0, 5], [700, 1_000]),
      then('cut from primary', 'third', [0, 5], [700, 1_000]),
      then('freeze host', 'fourth', [60, 250], [11_000, 13_000]),
      then('kill mysqld', 'founder', [0, 100]),
      then('fail over', 'founder', [6_500, 8_000]),
    ],
  },
  'alone while they join': {
    isFormed: false,
    nodes: { 3: 8, 4: 3, 5: 3 },
    script: [
      at('before set-semi-sync', 1, 'lose acks', 'replica'),
      at('before set-semi-sync', 1, 'cut from replicas', 'primary', [5_000, 9_000]),
    ],
  },
  'alone, and back': {
    nodes: { 3: 8, 4: 3 },
    heartbeatBoundMs: 1_000,
    script: [
      then('cut from replicas', 'primary', [500, 1_000], [1_500, 3_000]),
      then('cut from primary', 'first', [1_400, 3_500], [1_000, 3_000]),
      then('cut from primary', 'second', [100, 2_000], [1_000, 3_000]),
    ],
  },
  'there and back': {
    nodes: { 3: 1 },
    sessionTimeoutMs: 1_500,
    script: [
      then('freeze executor', 'last', [300, 800], [12_000, 14_000]),
      then('fail over', 'first', [200, 2_500]),
      then('fail over', 'founder', [1_500, 3_500]),
    ],
  },
  'applied late': {
    nodes: { 3: 1 },
    script: [
      then('slow applier', 'first', [500, 1_500], [4_000, 8_000]),
      then('slow applier', 'second', [0, 10], [4_000, 8_000]),
      then('kill mysqld', 'primary', [200, 900]),
    ],
  },
  'dies unsettled': {
    nodes: { 3: 1 },
    acks: { 1: 1 },
    script: [
      then('cut from primary', 'second', [1_000, 1_500], [1_300, 1_800]),
      then('kill executor', 'first', [300, 900]),
      at('persisted', 1, 'kill mysqld', 'primary'),
    ],
  },
  'forgetful voter': {
    nodes: { 3: 1 },
    script: [
      then('slow applier', 'first', [500, 1_000], [6_000, 8_000]),
      then('cut from primary', 'second', [0, 300], [700, 1_200]),
      then('reboot host', 'first', [200, 600], [100, 600]),
      then('reboot host', 'primary', [0, 5], [9_000, 12_000]),
    ],
  },
  'restored while alone': {
    nodes: { 2: 2, 3: 6 },
    heartbeatBoundMs: 1_000,
    script: [
      then('cut from replicas', 'primary', [500, 1_000], [4_000, 7_000]),
      then('ZooKeeper restored', 'any', [1_300, 3_000], [300, 1_500]),
    ],
  },
  'restored and half asleep': {
    nodes: { 3: 1 },
    sessionTimeoutMs: 1_500,
    script: [
      then('fail over', 'first', [500, 1_000]),
      then('cut from primary', 'founder', [1_500, 2_500], [2_000, 3_000]),
      then('freeze host', 'primary', [300, 900], [6_000, 8_000]),
      then('freeze host', 'last', [0, 5], [6_000, 8_000]),
      then('ZooKeeper restored', 'any', [0, 5], [300, 900]),
    ],
  },
  'restored to an election': {
    nodes: { 3: 1 },
    script: [
      then('kill executor', 'primary', [500, 1_000]),
      then('cut from primary', 'last', [2_000, 4_000], [2_000, 5_000]),
      then('ZooKeeper restored', 'any', [300, 1_500], [300, 3_000]),
    ],
  },
  'deposed with waiters': {
    nodes: { 3: 1 },
    heartbeatBoundMs: 3_000,
    script: [
      then('cut from replicas', 'primary', [500, 1_000], [3_000, 5_000]),
      then('fail over', 'first', [300, 1_000]),
    ],
  },
  'two losses': {
    nodes: { 3: 1 },
    script: [
      then('cut from primary', 'second', [500, 1_000], [400, 900]),
      then('freeze host', 'first', [100, 300], [6_000, 9_000]),
      then('reboot host', 'primary', [0, 60], [9_000, 12_000]),
    ],
  },
  'deposed scheduler': {
    nodes: { 3: 1 },
    sessionTimeoutMs: 1_500,
    script: [
      at('decided', 1, 'kill mysqld', 'primary'),
      at('decided', 1, 'freeze scheduler', 'primary', [4_000, 7_000]),
      then('kill mysqld', 'primary', [4_000, 5_000]),
    ],
  },
  'voter with a secret': {
    nodes: { 3: 1 },
    script: [
      then('local write', 'first', [500, 1_000]),
      then('reset pair', 'first', [0, 100]),
      then('kill mysqld', 'first', [100, 500]),
      then('kill mysqld', 'primary', [1_500, 2_500]),
    ],
  },
} as const satisfies Record<string, Scope>;
