import type { Random } from './random.ts';
import type { Shape } from './shape.ts';

/** How often each fault is planned. */
export const FAULT_WEIGHTS = {
  'kill mysqld': 12,
  'kill mysqld twice': 3,
  'freeze mysqld': 8,
  'freeze executor': 6,
  'freeze host': 5,
  'kill executor': 8,
  'reboot host': 8,
  'power loss': 2,
  'lose host': 2,
  'rename agent': 2,
  'cut from ZooKeeper': 8,
  'cut from replicas': 6,
  'cut from all': 6,
  'cut pair': 5,
  'cut from primary': 3,
  'cut one way': 2,
  'reset pair': 2,
  'cut from Mesos': 3,
  'ZooKeeper down': 4,
  'ZooKeeper restored': 2,
  'freeze scheduler': 6,
  'kill scheduler': 6,
  'cut scheduler': 3,
  'dead disk': 4,
  'read lock': 3,
  'slow applier': 4,
  'lose acks': 4,
  'local write': 3,
  'switch over': 8,
  'fail over': 2,
  'force failover': 0.5,
  hold: 1,
  resize: 4,
  shrink: 1,
  'end task': 2,
  'change durability': 3,
  prefer: 1,
} as const;
export type FaultKind = keyof typeof FAULT_WEIGHTS;
type FaultWeights = Partial<Record<FaultKind, number>>;

export const HOOKS = [
  'decided',
  'persisted',
  'launch',
  'flush',
  'receive',
  'before persist-epoch',
  'after persist-epoch',
  'before stop-receiving',
  'after stop-receiving',
  'before report-position',
  'after report-position',
  'before apply',
  'after apply',
  'before open',
  'after open',
  'before enforce',
  'after enforce',
  'before follow',
  'after follow',
  'after set-semi-sync',
  'before set-semi-sync',
  'before hand-over',
  'after hand-over',
  'before start-mysqld',
  'after kill-mysqld',
] as const;

/** first, second, …: of the replicas. founder: who was primary when the first fault struck. */
export type Who =
  'primary' | 'replica' | 'actor' | 'any' | 'first' | 'second' | 'third' | 'fourth' | 'last' | 'founder';

/** When, after the fault before it: after a while, or at the nth time that something is about to happen or has. */
export type When = { afterMs: number } | { hook: string; nth: number };

export interface Fault {
  kind: FaultKind;
  when: When;
  who: Who;
  /** How long it lasts, where it does. */
  forMs: number;
  /** Decides what else there is to choose. */
  salt: number;
}

/** Part of a story that is told again and again, with other times. */
export interface ScriptedFault {
  kind: FaultKind;
  who: Who;
  when: { afterMs: readonly [number, number] } | { hook: string; nth: number };
  forMs: readonly [number, number];
}

export interface Plan {
  shape: Shape;
  /** Whether the cluster has formed when the first fault strikes. */
  isFormed: boolean;
  faults: Fault[];
}

/** A hook that is not met by then strikes anyway. */
export const HOOK_PATIENCE_MS = 4_000;

export function planFaults(random: Random, weights: FaultWeights): Fault[] {
  const count = 1 + Math.floor(random.next() * random.next() * 10);
  return Array.from({ length: count }, () => planFault(random, weights));
}

export function planScript(random: Random, script: readonly ScriptedFault[]): Fault[] {
  return script.map(({ kind, who, when, forMs }) => ({
    kind,
    who,
    when: 'hook' in when ? when : { afterMs: Math.round(random.between(...when.afterMs)) },
    forMs: Math.round(random.between(...forMs)),
    salt: random.below(1_000_000),
  }));
}

function planFault(random: Random, weights: FaultWeights): Fault {
  const isSoon = random.chance(0.6);
  const when = random.chance(0.45)
    ? { hook: random.pick(HOOKS), nth: 1 + Math.floor(random.next() ** 2 * 6) }
    : { afterMs: Math.round(random.between(0, isSoon ? 600 : 6_000)) };
  return {
    kind: random.weighted(weights as Record<FaultKind, number>),
    when,
    who: random.weighted({ primary: 45, actor: 25, replica: 20, any: 10 }),
    forMs: Math.round(random.chance(0.5) ? random.between(50, 2_000) : random.between(1_000, 12_000)),
    salt: random.below(1_000_000),
  };
}
