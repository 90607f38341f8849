/** Faults, each with how it ends. */
import type { ClusterRecord, Durability } from '@cotton/core';
import { beginSwitchover, failOver, resizeCluster, setDurability, setHold, setPromotion } from '@cotton/core';
import type { Executor } from './executor.ts';
import { MASTER, SCHEDULERS, ZOOKEEPER } from './network.ts';
import type { Fault, FaultKind } from './plan.ts';
import { Random } from './random.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** Ends what a fault began; again does no harm. */
export type Undo = () => void;

interface Strike {
  world: World;
  fault: Fault;
  /** Whom it is aimed at. */
  victim: Executor;
  random: Random;
  /** Ends by itself after its time, or when the history becomes quiet. */
  until(undo: Undo): void;
}

/** Strikes. @returns false when there was nobody to strike */
export function strike(world: World, fault: Fault, actor: string, onUndo: (undo: Undo) => void): boolean {
  const random = new Random(fault.salt);
  const victim = victimOf(world, fault, actor, random);
  if (!victim) return false;
  world.note(() => `FAULT ${fault.kind} (${victim.instance}, ${fault.forMs} ms)`);
  const until = (undo: Undo): void => {
    let isOver = false;
    const end = (): void => {
      if (!isOver) world.note(() => `end of ${fault.kind} (${victim.instance})`);
      if (!isOver) undo();
      isOver = true;
    };
    world.loop.after(fault.forMs, end);
    onUndo(end);
  };
  STRIKES[fault.kind]({ world, fault, victim, random, until });
  return true;
}

/** What only a replica can suffer. */
const OF_REPLICAS: ReadonlySet<FaultKind> = new Set([
  'slow applier',
  'local write',
  'lose acks',
  'cut from primary',
]);
const ORDINALS = ['first', 'second', 'third', 'fourth'];

function victimOf(world: World, fault: Fault, actor: string, random: Random): Executor | undefined {
  const isForReplica = OF_REPLICAS.has(fault.kind) && ['primary', 'actor', 'any'].includes(fault.who);
  const who = isForReplica ? 'replica' : fault.who;
  const all = [...world.executors.values()].sort((a, b) => a.serverId - b.serverId);
  const record = world.zookeeper.stored?.record;
  const primary = record?.primary?.instance ?? record?.election?.deposed?.instance ?? '';
  const acting = world.executors.get(actor);
  if (who === 'actor' && acting) return acting;
  if (who === 'primary' || who === 'actor') return world.executors.get(primary) ?? all[0];
  const replicas = all.filter((e) => e.instance !== primary);
  if (who === 'founder') return world.executors.get(world.founder) ?? all[0];
  if (who === 'last') return replicas.at(-1);
  if (ORDINALS.includes(who)) return replicas[ORDINALS.indexOf(who)];
  const rest = who === 'replica' ? all.filter((e) => e.instance !== primary) : all;
  return rest[random.below(Math.max(1, rest.length))] ?? all[0];
}

const STRIKES: Record<FaultKind, (strike: Strike) => void> = {
  'kill mysqld': ({ victim }) => crash(victim),
  'kill mysqld twice': ({ victim, world, random }) => {
    crash(victim);
    world.loop.after(random.between(300, 3_000), () => crash(victim));
  },
  'freeze mysqld': (s) => {
    if (s.victim.mysqld) freeze(s, [s.victim.mysqld]);
  },
  'freeze executor': (s) => freeze(s, [s.victim]),
  'freeze host': (s) => freeze(s, s.victim.mysqld ? [s.victim, s.victim.mysqld] : [s.victim]),
  'kill executor': ({ victim }) => victim.die('SIGKILL'),
  'reboot host': ({ victim, world, until }) => {
    world.hosts.powerOff(victim.host);
    until(() => world.hosts.powerOn(victim.host));
  },
  'power loss': ({ world, until }) => {
    for (const host of world.hosts.all) world.hosts.powerOff(host);
    until(() => world.hosts.all.forEach((host) => world.hosts.powerOn(host)));
  },
  'lose host': ({ victim, world, until }) => {
    world.hosts.lose(victim.host);
    until(() => world.mesos.markGone(victim.host));
  },
  'rename agent': ({ victim, world }) => world.hosts.renameAgent(victim.host),
  'cut from ZooKeeper': (s) => cut(s, [[s.victim.host.index, ZOOKEEPER]]),
  'cut from replicas': (s) =>
    cut(
      s,
      othersOf(s).map((other) => [s.victim.host.index, other]),
    ),
  'cut from all': (s) =>
    cut(
      s,
      [...othersOf(s), ZOOKEEPER, MASTER].map((other) => [s.victim.host.index, other]),
    ),
  'cut pair': (s) => cut(s, pairOf(s)),
  'cut from primary': (s) => {
    const primary = s.world.executors.get(s.world.zookeeper.stored?.record.primary?.instance ?? '');
    if (primary && primary.host !== s.victim.host) cut(s, [[s.victim.host.index, primary.host.index]]);
  },
  'cut one way': (s) => {
    for (const [a, b] of pairOf(s)) {
      s.world.network.cut(a, b);
      s.until(() => s.world.network.heal(a, b));
    }
  },
  'reset pair': ({ world, random, ...s }) => {
    for (const [a, b] of pairOf({ world, random, ...s }))
      for (const { mysqld } of world.executors.values())
        if (mysqld && (mysqld.host === a || mysqld.host === b)) mysqld.receiver?.reset();
  },
  'cut from Mesos': (s) => cut(s, [[s.victim.host.index, MASTER]]),
  'ZooKeeper down': ({ world, until }) => {
    if (!world.zookeeper.isUp) return;
    world.zookeeper.shutDown();
    until(() => world.zookeeper.comeBack(false));
  },
  'ZooKeeper restored': ({ world, until }) => {
    if (!world.zookeeper.isUp) return;
    world.zookeeper.shutDown();
    until(() => world.zookeeper.comeBack(true));
  },
  'freeze scheduler': (s) => {
    if (s.world.leader) freeze(s, [s.world.leader]);
  },
  'kill scheduler': ({ world }) => world.leader?.exit('SIGKILL'),
  'cut scheduler': (s) => {
    const leader = s.world.leader;
    if (leader) cut(s, [[SCHEDULERS[leader.index === 0 ? 0 : 1], ZOOKEEPER]]);
  },
  'dead disk': ({ victim, until }) => {
    const { volume } = victim;
    volume.isDead = true;
    until(() => {
      volume.isDead = false;
      for (const executor of victim.host.executors) executor.mysqld?.goOn();
    });
  },
  'read lock': ({ victim, until }) => {
    const { mysqld } = victim;
    if (!mysqld) return;
    mysqld.isLocked = true;
    until(() => {
      mysqld.isLocked = false;
      mysqld.goOn();
    });
  },
  'slow applier': ({ victim, until }) => {
    const { mysqld } = victim;
    if (!mysqld) return;
    mysqld.appliesSlowly = true;
    until(() => (mysqld.appliesSlowly = false));
  },
  'lose acks': ({ victim, world, random }) => world.loseAcks(victim.instance, 1 + random.below(3)),
  'local write': ({ victim }) => {
    const { mysqld } = victim;
    if (mysqld?.alive && mysqld.isReadOnly && !mysqld.frozen) mysqld.commit('local', () => undefined);
  },
  'switch over': ({ world, victim, random, fault }) => {
    const to = random.chance(0.4) ? victim.instance : undefined;
    const graceMs = random.pick([0, 100, 500]);
    ask(world, (record) => {
      const seen = world.leader?.observe();
      const answer =
        seen &&
        beginSwitchover(record, { to, deadlineMs: 500 + fault.forMs, graceMs, despiteObstacles: true }, seen);
      return answer?.ok ? answer.record : record;
    });
  },
  'fail over': ({ world, victim }) => failOverTo(world, victim.instance, false),
  'force failover': ({ world }) => failOverTo(world, undefined, true),
  hold: ({ world, until }) => {
    ask(world, (record) => setHold(record, true));
    until(() => ask(world, (record) => setHold(record, false)));
  },
  resize: ({ world, random }) => {
    const nodes = 1 + random.below(5);
    while (world.hosts.all.filter((h) => !h.isLost).length < nodes) world.hosts.add();
    ask(world, (record) => resizeCluster(record, nodes));
  },
  shrink: ({ world }) => ask(world, (record) => resizeCluster(record, Math.max(1, record.spec.nodes - 1))),
  'end task': ({ victim }) => victim.stop(),
  'change durability': ({ world, random }) => {
    const change: Partial<Durability> = random.chance(0.5)
      ? { acks: random.pick([0, 1, 2, null]) }
      : { minInSync: random.below(2) };
    ask(world, (record) => setDurability(record, change));
  },
  prefer: ({ world, victim, random }) => {
    const preference = random.pick(['prefer', 'avoid', 'never', 'neutral'] as const);
    ask(world, (record) => setPromotion(record, victim.instance, preference));
  },
};

function ask(world: World, change: (record: ClusterRecord) => ClusterRecord): void {
  world.leader?.change(change);
}

function failOverTo(world: World, to: string | undefined, force: boolean): void {
  ask(world, (record) => {
    const seen = world.leader?.observe();
    return seen ? failOver(record, { to, force }, seen) : record;
  });
}

function crash(victim: Executor): void {
  const { mysqld } = victim;
  if (!mysqld?.alive || !victim.alive) return;
  mysqld.kill();
  victim.after(victim.world.random.between(0.5, 5), () => {
    if (victim.mysqld !== mysqld) return;
    victim.mysqld = null;
    victim.mysqldEnded(false);
  });
}

function freeze({ world, until }: Strike, processes: readonly Process[]): void {
  for (const process of processes) world.freeze(process);
  until(() => {
    for (const process of processes) world.thaw(process);
  });
}

function othersOf({ world, victim }: Strike): number[] {
  return world.hosts.all.flatMap(({ index }) => (index === victim.host.index ? [] : [index]));
}

function pairOf(strike: Strike): [number, number][] {
  const others = othersOf(strike);
  const other = others[strike.random.below(Math.max(1, others.length))];
  return other === undefined ? [] : [[strike.victim.host.index, other]];
}

function cut({ world, until }: Strike, pairs: readonly [number, number][]): void {
  for (const [a, b] of pairs) {
    world.network.cut(a, b);
    world.network.cut(b, a);
  }
  until(() => {
    for (const [a, b] of pairs) {
      world.network.heal(a, b);
      world.network.heal(b, a);
    }
  });
}
