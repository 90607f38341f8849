/**
 * Deliberate bugs, each breaking one rule of docs/clustering.md. The simulation has to notice every one of them: a
 * rule whose breaking goes unnoticed is not tested.
 */
import type { ScopeName } from './scope.ts';

interface TrapBasics {
  name: string;
  /** The rule that it breaks. */
  breaks: string;
  scope: ScopeName;
  /** Histories within which it is caught, with room to spare. */
  budget: number;
}

/** In the real code: `snippet` stands exactly once in `file`, and is replaced. */
export interface SourceTrap extends TrapBasics {
  file: string;
  snippet: string;
  replacement: string;
}

/** In what is only modelled: MySQL, the executor's shell, ZooKeeper. The world knows it by its name. */
export type ModelTrap = TrapBasics;

export type Trap = SourceTrap | ModelTrap;

export function isSourceTrap(trap: Trap): trap is SourceTrap {
  return 'file' in trap;
}

const CORE = 'packages/core/src/';
const EXECUTOR = 'packages/executor/src/';

const SOURCE_TRAPS: SourceTrap[] = [
  {
    name: 'ranking-on-executed-only',
    breaks: 'A report is what was executed or received.',
    scope: 'unapplied acknowledgement',
    budget: 100,
    file: `${CORE}ballot.ts`,
    snippet: 'const holds = unionGtidSets(parseGtidSet(executed), parseGtidSet(received));',
    replacement: 'const holds = (void received, unionGtidSets(parseGtidSet(executed)));',
  },
  {
    name: 'one-report-too-few',
    breaks: 'An election needs |V| − k + 1 voters of each listed generation.',
    scope: 'two losses',
    budget: 150,
    file: `${CORE}ballot.ts`,
    snippet: 'return ackCount > 0 && answered.length >= voters.length - ackCount + 1;',
    replacement: 'return ackCount > 0 && answered.length >= voters.length - ackCount;',
  },
  {
    name: 'bound-of-the-last-generation-only',
    breaks: 'The bound holds for every listed generation.',
    scope: 'dies unsettled',
    budget: 200,
    file: `${CORE}ballot.ts`,
    snippet: 'const isBound = (by: Report[]): boolean => open.every(',
    replacement: 'const isBound = (by: Report[]): boolean => open.slice(-1).every(',
  },
  {
    name: 'fails-over-while-heard',
    breaks: 'A primary that its replicas hear is not replaced for being out of sight.',
    scope: 'partition',
    budget: 100,
    file: `${CORE}loss.ts`,
    snippet: 'return hearing.length >= current.ackCount;',
    replacement: 'return hearing.length > 99;',
  },
  {
    name: 'amnesiac-voters',
    breaks: 'A member whose host rebooted is another voter.',
    scope: 'forgetful voter',
    budget: 100,
    file: `${CORE}duty.ts`,
    snippet: 'a.serverUuid === b.serverUuid &&\n    a.bootId === b.bootId',
    replacement: 'a.serverUuid === b.serverUuid',
  },
  {
    name: 'two-leaves-and-joins-at-once',
    breaks: 'With k ≥ 2 a set only grows or only shrinks in one step.',
    scope: 'leaver and joiner',
    budget: 400,
    file: `${CORE}electorate.ts`,
    snippet: 'return ackCount === 1 || !(joins && leaves);',
    replacement: 'return (void joins, void leaves, true);',
  },
  {
    name: 'next-generation-before-settled',
    breaks: 'With k ≥ 2 every step waits until the one before is settled.',
    scope: 'leaver, then joiner',
    budget: 100,
    file: `${CORE}in-sync.ts`,
    snippet: 'const isSingle = current.ackCount === 1 && next.ackCount === 1;',
    replacement: 'const isSingle = current.ackCount > 0 && next.ackCount > 0;',
  },
  {
    name: 'dropped-when-enforced',
    breaks: 'Older generations are listed until a marker proves the new one.',
    scope: 'electorate',
    budget: 400,
    file: `${CORE}electorate.ts`,
    snippet: 'const settled = leadOf(record, seen)?.settled ?? 0;',
    replacement: 'const settled = leadOf(record, seen)?.enforcing ?? 0;',
  },
  {
    name: 'leavers-not-barred',
    breaks: 'Whoever leaves is locked out until it is known to be silent.',
    scope: 'electorate',
    budget: 600,
    file: `${CORE}electorate.ts`,
    snippet:
      'const barred = { ...record.barred, ...Object.fromEntries(left.map((v) => [v.instance, number])) };',
    replacement: 'const barred = (void left, void number, { ...record.barred });',
  },
  {
    name: 'new-epoch-bars-nobody',
    breaks: 'A new epoch bars whoever may still follow its primary.',
    scope: 'there and back',
    budget: 100,
    file: `${CORE}electorate.ts`,
    snippet: 'Object.fromEntries(isFirst ? [] : others.map((i) => [i.id, record.nextGeneration]))',
    replacement: 'Object.fromEntries(isFirst || others ? [] : others)',
  },
  {
    name: 'unbarred-while-it-acknowledges',
    breaks: 'Only whoever says, of this generation, that it is silent needs no lock any more.',
    scope: 'shrinking past a sleeper',
    budget: 100,
    file: `${CORE}in-sync.ts`,
    snippet: 'return !isForgotten && !(acks && !acks.on && acks.generation >= generation);',
    replacement: 'return !isForgotten && !(acks && generation);',
  },
  {
    name: 'restored-within-an-epoch-unnoticed',
    breaks: 'A generation that the record never gave shows that ZooKeeper was restored.',
    scope: 'restored while alone',
    budget: 200,
    file: `${CORE}evidence.ts`,
    snippet: '|| status.generation >= record.nextGeneration',
    replacement: '',
  },
  {
    name: 'restored-and-not-everybody-asked',
    breaks: 'After a restore all members have to report.',
    scope: 'restored and half asleep',
    budget: 200,
    file: `${CORE}election.ts`,
    snippet: 'everyone: true }',
    replacement: 'everyone: false }',
  },
  {
    name: 'everyone-acknowledges',
    breaks: 'Nobody but the voters acknowledges.',
    scope: 'crash',
    budget: 100,
    file: `${CORE}duty.ts`,
    snippet: 'const semiSync = control.inSync.some((voter) => sameVoter(voter, self.voter));',
    replacement:
      'const semiSync = control.ackCount > 0 || control.inSync.some((voter) => sameVoter(voter, self.voter));',
  },
  {
    name: 'primary-without-what-it-was-elected-for',
    breaks: 'A listed primary answers for its generation only with what it was elected for.',
    scope: 'forgetful winner',
    budget: 800,
    file: `${CORE}ballot.ts`,
    snippet: 'return isIt && containsGtidSet(holds, parseGtidSet(elected));',
    replacement: 'return isIt && (true || containsGtidSet(holds, parseGtidSet(elected)));',
  },
  {
    name: 'needed-volumes-destroyed',
    breaks: 'No volume is given back while an election may need it.',
    scope: 'shrinking while the primary dies',
    budget: 200,
    file: `${CORE}release.ts`,
    snippet: 'const needed = volumesNeeded(record);',
    replacement: 'const needed = new Set<string>(volumesNeeded(record).size > 99 ? [""] : []);',
  },
  {
    name: 'needed-members-killed',
    breaks: 'A member is not killed while an election may need it.',
    scope: 'shrinking while the primary dies',
    budget: 100,
    file: `${CORE}membership.ts`,
    snippet: "return instance.intent === 'remove' && !isNeeded(record, instance.id);",
    replacement: "return instance.intent === 'remove' && (true || !isNeeded(record, instance.id));",
  },
  {
    name: 'target-not-awaited',
    breaks: 'A switchover waits until the target has everything that was handed over.',
    scope: 'target behind',
    budget: 100,
    file: `${CORE}switchover.ts`,
    snippet: 'const reached = statusOf(record, switchover.to, seen)?.reached === switchover.handedOver;',
    replacement: 'const reached = statusOf(record, switchover.to, seen)?.reached !== switchover.id;',
  },
  {
    name: 'restarted-primary-stays',
    breaks: 'A primary that restarted is not the primary that was elected.',
    scope: 'crash',
    budget: 50,
    file: `${CORE}loss.ts`,
    snippet: "if (status.mysqld !== 'serving' || status.incarnation !== run.incarnation)",
    replacement: "if (status.mysqld === 'preparing' && run.incarnation < 0)",
  },
  {
    name: 'elected-before-revoked',
    breaks: 'A member stops receiving before it reports.',
    scope: 'executor asleep',
    budget: 150,
    file: `${EXECUTOR}next-step.ts`,
    snippet:
      "function stepToReport(duty: Of<'report'>, local: Local): Step {\n  if (local.receiving) return { do: 'stop-receiving' };",
    replacement: "function stepToReport(duty: Of<'report'>, local: Local): Step {",
  },
  {
    name: 'deposed-primary-left-open',
    breaks: 'Whoever is open and no longer the primary is killed.',
    scope: 'executor asleep',
    budget: 400,
    file: `${EXECUTOR}next-step.ts`,
    snippet: 'if (local.open && !isOwnReign(duty, local.open.epoch))',
    replacement: 'if (local.open && !isOwnReign(duty, local.open.epoch) && local.epoch < 0)',
  },
  {
    name: 'opens-again-after-a-restart',
    breaks: 'A primary that restarts in an epoch it has led waits for an election.',
    scope: 'crash',
    budget: 150,
    file: `${EXECUTOR}next-step.ts`,
    snippet: 'if (!isOurs && local.ledEpoch >= epoch)',
    replacement: 'if (!isOurs && local.ledEpoch > epoch)',
  },
  {
    name: 'no-fence',
    breaks: 'A primary that is cut off and not acknowledged stops answering.',
    scope: 'long cut off',
    budget: 50,
    file: `${EXECUTOR}fence.ts`,
    snippet: "return (session === 'lost' || session === 'closed') && silentForMs(pulse, nowMs) >= boundMs;",
    replacement: "return session === 'closed' && silentForMs(pulse, nowMs) >= boundMs;",
  },
];

const MODEL_TRAPS: ModelTrap[] = [
  {
    name: 'demote-by-sigterm',
    breaks: 'A primary with waiting writers is never stopped by SIGTERM [X1].',
    scope: 'deposed with waiters',
    budget: 100,
  },
  {
    name: 'fence-by-sigterm',
    breaks: 'A fenced primary is killed, not asked to end.',
    scope: 'partition',
    budget: 200,
  },
  {
    name: 'stop-by-sigterm',
    breaks: 'A task that is ended closes mysqld first, or kills it.',
    scope: 'task ended with waiters',
    budget: 100,
  },
  {
    name: 'change-source-with-both-stopped',
    breaks: 'What was received survives a change of the source [X8].',
    scope: 'unapplied, twice acknowledged',
    budget: 100,
  },
  {
    name: 'clone-keeps-uuid',
    breaks: 'A rebuilt data directory has a server UUID of its own [X7].',
    scope: 'reused name',
    budget: 600,
  },
  {
    name: 'epoch-told-before-durable',
    breaks: 'An epoch is durable before it is acted in.',
    scope: 'restart',
    budget: 100,
  },
  {
    name: 'led-epoch-not-durable',
    breaks: 'That an epoch was led is durable before it opens.',
    scope: 'restart',
    budget: 50,
  },
  {
    name: 'semi-sync-off-on-a-running-thread',
    breaks: 'Switching acknowledgements off restarts the receiver [X4].',
    scope: 'alone, and back',
    budget: 300,
  },
  {
    name: 'half-done-semi-sync-told-as-off',
    breaks: 'A change of acknowledging that was interrupted is told as neither.',
    scope: 'alone while they join',
    budget: 600,
  },
  {
    name: 'report-without-stopping',
    breaks: 'The receiver has really stopped when the report is taken.',
    scope: 'executor asleep',
    budget: 150,
  },
  {
    name: 'barred-not-locked-out',
    breaks: 'The primary locks the barred out before it enforces.',
    scope: 'electorate',
    budget: 600,
  },
  {
    name: 'dump-threads-not-ended',
    breaks: 'A lock alone leaves a running dump thread [X11].',
    scope: 'electorate',
    budget: 600,
  },
  {
    name: 'enforcing-before-in-force',
    breaks: 'Rules are told as enforced only when they are.',
    scope: 'alone, and back',
    budget: 150,
  },
  {
    name: 'settled-by-an-older-marker',
    breaks: 'A marker settles only the rules it was written under.',
    scope: 'marker of a leaver',
    budget: 100,
  },
  {
    name: 'errant-not-saved',
    breaks: 'Errant transactions are saved before their data are replaced.',
    scope: 'rebuild',
    budget: 150,
  },
  {
    name: 'rebuilds-while-counted-on',
    breaks: 'A voter is not rebuilt.',
    scope: 'voter with a secret',
    budget: 150,
  },
  {
    name: 'hand-over-without-closing',
    breaks: 'gtid_executed is no barrier: a primary that hands over has closed first [X1].',
    scope: 'switchover',
    budget: 200,
  },
  {
    name: 'open-before-setting-count',
    breaks: 'The count is set and read back before writes are let in.',
    scope: 'crash',
    budget: 150,
  },
  {
    name: 'open-before-locking-out',
    breaks: 'The barred are locked out before writes are let in.',
    scope: 'there and back',
    budget: 100,
  },
  {
    name: 'open-before-applying',
    breaks: 'A winner applies everything before it opens.',
    scope: 'applied late',
    budget: 100,
  },
  {
    name: 'late-write-of-a-deposed-scheduler',
    breaks: 'A deposed scheduler writes nothing.',
    scope: 'deposed scheduler',
    budget: 50,
  },
  {
    name: 'acts-before-persisting',
    breaks: 'Decisions are persisted before they are acted on.',
    scope: 'scheduler',
    budget: 100,
  },
  {
    name: 'old-status-stands',
    breaks: 'After every new connection a member sees to it that its status is the newest.',
    scope: 'restored to an election',
    budget: 200,
  },
];

export const TRAPS: readonly Trap[] = [...SOURCE_TRAPS, ...MODEL_TRAPS];

export function trapNamed(name: string): Trap | undefined {
  return TRAPS.find((trap) => trap.name === name);
}
