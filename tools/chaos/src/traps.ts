/**
 * Deliberate bugs in the product, to see that rounds with the real parts go red. Each breaks one rule of
 * docs/clustering.md or docs/architecture.md; many more are held against the simulation (tools/simulate).
 */
import type { SourceEdit } from '@cotton/bundle';
import type { ViolationKind } from './check/violation.ts';

export interface Trap extends SourceEdit {
  name: string;
  /** The rule that it breaks. */
  breaks: string;
  /** The fault that shows it. */
  fault: string;
  /** Any of these shows it. */
  shows: readonly ViolationKind[];
}

const CORE = 'packages/core/src/';
const EXECUTOR = 'packages/executor/src/';
const MYSQL = 'packages/mysql-ops/src/';

export const TRAPS: readonly Trap[] = [
  {
    name: 'semi-sync-gives-up',
    breaks: 'No silent degradation: a commit waits for its acknowledgement without a limit.',
    fault: 'isolated-primary',
    shows: ['lost', 'doubled'],
    file: `${MYSQL}rules.ts`,
    snippet: "const SEMI_SYNC_TIMEOUT_MAX_MS = '4294967295';",
    replacement: "const SEMI_SYNC_TIMEOUT_MAX_MS = '500';",
  },
  {
    name: 'shown-before-acknowledged',
    breaks: 'Nobody may read what a failover can lose.',
    fault: 'isolated-primary',
    shows: ['phantom'],
    file: `${MYSQL}rules.ts`,
    snippet: "value: 'AFTER_SYNC'",
    replacement: "value: 'AFTER_COMMIT'",
  },
  {
    name: 'ended-by-sigterm',
    breaks: 'A primary with waiting writers is never stopped by SIGTERM: it answers OK to them.',
    fault: 'isolated-primary',
    shows: ['lost'],
    file: `${MYSQL}server.ts`,
    snippet: "this.#child.kill('SIGKILL');",
    replacement: "this.#child.kill('SIGTERM');",
  },
  {
    name: 'compared-the-wrong-way-round',
    breaks: 'Who wins an election contains what the others have.',
    fault: 'replica-behind-and-host-loss',
    shows: ['lost'],
    file: `${CORE}ballot.ts`,
    snippet: 'counted.filter((s) => containsGtidSet(r.holds, s.holds))',
    replacement: 'counted.filter((s) => containsGtidSet(s.holds, r.holds))',
  },
  {
    name: 'no-fence',
    breaks: 'A primary that is cut off and not acknowledged stops answering.',
    fault: 'isolated-primary-for-long',
    shows: ['stale'],
    file: `${EXECUTOR}fence.ts`,
    snippet: "return (session === 'lost' || session === 'closed') && ",
    replacement: "return session === 'closed' && ",
  },
  {
    name: 'opens-again-after-a-restart',
    breaks: 'A primary that restarts in an epoch it has led waits for an election.',
    fault: 'primary-dies-without-zookeeper',
    shows: ['doubled'],
    file: `${EXECUTOR}next-step.ts`,
    snippet: 'if (!isOurs && local.ledEpoch >= epoch)',
    replacement: 'if (!isOurs && local.ledEpoch > epoch)',
  },
  {
    name: 'errant-not-saved',
    breaks: 'Errant transactions are saved before their data are replaced.',
    fault: 'errant-primary',
    shows: ['errant'],
    file: `${EXECUTOR}follow-source.ts`,
    snippet: "if (errant !== '' && !context",
    replacement: "if (errant !== '' && !source && !context",
  },
  {
    name: 'fails-over-while-heard',
    breaks: 'A primary that its replicas hear is not replaced for being out of sight.',
    fault: 'primary-without-zookeeper',
    shows: ['needless failover'],
    file: `${CORE}loss.ts`,
    snippet: 'return hearing.length >= current.ackCount;',
    replacement: 'return hearing.length > 99;',
  },
  {
    name: 'new-epoch-bars-nobody',
    breaks: 'A new epoch bars whoever may still follow its primary.',
    fault: 'stale-acker',
    shows: ['lost'],
    file: `${CORE}electorate.ts`,
    snippet: 'Object.fromEntries(isFirst ? [] : others.map((i) => [i.id, record.nextGeneration]))',
    replacement: 'Object.fromEntries(isFirst || others ? [] : others)',
  },
];

export function trapNamed(name: string): Trap | undefined {
  return TRAPS.find((trap) => trap.name === name);
}

/** Whether a round shows what the trap broke, and not just some trouble. */
export function isCaught({ shows }: Trap, { violations }: { violations: readonly string[] }): boolean {
  return violations.some((text) => shows.some((kind) => text.startsWith(`${kind}: `)));
}
