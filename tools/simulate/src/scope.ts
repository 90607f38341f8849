/** Narrower worlds, in which a certain kind of trouble comes more often. */
import { FAULT_WEIGHTS, type FaultKind, type ScriptedFault } from './plan.ts';
import { STORIES } from './stories.ts';

export interface Scope {
  /** Only these faults; undefined: all. */
  faults?: readonly FaultKind[];
  /** How often clusters of so many nodes. */
  nodes?: Readonly<Record<string, number>>;
  /** How many acknowledgements are asked for. */
  acks?: Readonly<Record<string, number>>;
  /** Whether the faults wait until the cluster has formed; undefined: mostly. */
  isFormed?: boolean;
  /** Told instead of faults by chance. */
  script?: readonly ScriptedFault[];
  /** D. */
  heartbeatBoundMs?: number;
  sessionTimeoutMs?: number;
  /** Whether losing the last acknowledger may block. */
  minInSync?: number;
}

const THREE = { 2: 2, 3: 8, 4: 2 };

export const SCOPES = {
  all: {},
  crash: {
    faults: [
      'kill mysqld',
      'kill mysqld twice',
      'freeze mysqld',
      'kill executor',
      'slow applier',
      'lose acks',
      'freeze host',
      'freeze scheduler',
      'kill scheduler',
      'cut pair',
    ],
    nodes: { 3: 8, 4: 3, 5: 3 },
  },
  reboot: {
    faults: [
      'reboot host',
      'power loss',
      'slow applier',
      'kill mysqld',
      'cut from replicas',
      'freeze executor',
      'cut pair',
    ],
    nodes: THREE,
  },
  partition: {
    faults: [
      'cut from all',
      'cut from ZooKeeper',
      'cut from replicas',
      'cut pair',
      'freeze executor',
      'kill mysqld',
      'freeze host',
      'ZooKeeper down',
    ],
    nodes: THREE,
  },
  electorate: {
    faults: [
      'cut pair',
      'cut from replicas',
      'reset pair',
      'kill mysqld',
      'kill executor',
      'freeze executor',
      'freeze mysqld',
      'reboot host',
      'lose acks',
      'cut from ZooKeeper',
      'kill scheduler',
      'change durability',
    ],
    nodes: { 3: 8, 4: 4, 5: 3 },
  },
  'two-acks': {
    faults: [
      'cut pair',
      'cut from replicas',
      'kill mysqld',
      'kill executor',
      'freeze mysqld',
      'freeze executor',
      'reboot host',
      'cut from ZooKeeper',
      'lose acks',
    ],
    nodes: { 4: 5, 5: 10 },
    acks: { 2: 1 },
  },
  restore: {
    faults: [
      'ZooKeeper restored',
      'kill mysqld',
      'cut from replicas',
      'cut from all',
      'kill executor',
      'switch over',
      'freeze host',
      'freeze executor',
    ],
    nodes: THREE,
  },
  switchover: {
    faults: [
      'switch over',
      'kill mysqld',
      'slow applier',
      'freeze mysqld',
      'cut pair',
      'freeze executor',
      'kill executor',
      'read lock',
      'freeze scheduler',
    ],
    nodes: THREE,
  },
  resize: {
    faults: [
      'resize',
      'kill mysqld',
      'kill executor',
      'lose host',
      'cut from replicas',
      'kill scheduler',
      'freeze host',
      'switch over',
    ],
  },
  rebuild: {
    faults: [
      'kill mysqld',
      'cut from all',
      'cut from replicas',
      'local write',
      'kill executor',
      'freeze host',
      'switch over',
      'fail over',
    ],
    nodes: THREE,
  },
  restart: {
    faults: [
      'kill executor',
      'reboot host',
      'kill mysqld',
      'freeze executor',
      'power loss',
      'cut from ZooKeeper',
      'fail over',
    ],
    nodes: THREE,
  },
  scheduler: {
    faults: [
      'freeze scheduler',
      'kill scheduler',
      'cut scheduler',
      'kill mysqld',
      'cut from all',
      'kill executor',
      'cut from replicas',
      'resize',
    ],
    nodes: THREE,
  },
  ...STORIES,
} as const satisfies Record<string, Scope>;

export type ScopeName = keyof typeof SCOPES;

export function isScopeName(name: string): name is ScopeName {
  return Object.hasOwn(SCOPES, name);
}

/** How often each fault is planned within a scope. */
export function faultWeightsOf({ faults }: Scope): Partial<Record<FaultKind, number>> {
  return faults ? Object.fromEntries(faults.map((kind) => [kind, FAULT_WEIGHTS[kind]])) : FAULT_WEIGHTS;
}
