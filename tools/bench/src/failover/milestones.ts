/** When the steps of a failover or switchover ended, from what executors, scheduler and clients say of it. */
import type { Transition } from '@cotton/api';
import type { Milestones } from '../arithmetic/chain.ts';
import type { LogLine } from './logs.ts';

export const FAILOVER_STEPS = {
  detect:
    "the executor says that its mysqld ended (unsaid when the host is gone: then it is part of 'depose')",
  depose: 'the scheduler has written that there is no primary',
  revoke: 'the members whose reports are awaited receive nothing more',
  'report, elect': 'the scheduler has written who is primary',
  apply: 'the new primary has applied all it had received',
  open: 'its mysqld takes writes',
  tell: 'the scheduler knows',
  publish: 'clients see the new primary in discovery',
  connect: 'the first of them has a session',
  write: 'the first write is acknowledged',
} as const;

export const SWITCHOVER_STEPS = {
  begin: 'the scheduler has written that a switchover begins',
  close: 'the old primary is closed, and the scheduler knows what it has',
  'catch up, decide': 'the target has all of that, and the scheduler has written that it is primary',
  apply: 'the new primary has checked what it has',
  open: 'its mysqld takes writes',
  tell: 'the scheduler knows',
  publish: 'clients see the new primary in discovery',
  connect: 'the first of them has a session',
  write: 'the first write is acknowledged',
} as const;

export interface Told {
  /** Since the fault, oldest first. */
  lines: readonly LogLine[];
  transition: Transition;
  /** How long the new primary's executor took for its steps, by name, as far as it tells. */
  tookMs: Readonly<Record<string, number | undefined>>;
  /** The first time that a client saw it. */
  publishedMs: number | undefined;
  connectedMs: number | undefined;
  writtenMs: number | undefined;
}

export function failoverMilestones(told: Told): Milestones {
  const { lines, transition } = told;
  const { from } = transition;
  const electedMs = writtenBy(lines, 'electorate', transition) ?? auditMs(transition, 'elected');
  const revoked = lines.filter(
    (line) => isStep(line, 'persist-epoch') && line.instance !== from && line.atMs <= (electedMs ?? Infinity),
  );
  return {
    detect: lines.find(({ message, instance }) => message === 'mysqld ended' && instance === from)?.atMs,
    depose: writtenBy(lines, 'election', transition) ?? auditMs(transition, 'deposed'),
    revoke: revoked.at(-1)?.atMs,
    'report, elect': electedMs,
    ...takeover(told, electedMs),
  };
}

export function switchoverMilestones(told: Told): Milestones {
  const { lines, transition } = told;
  const decidedMs = writtenBy(lines, 'electorate', transition) ?? auditMs(transition, 'decided');
  return {
    begin: lines.find(({ fields }) => fields['event'] === 'switchover')?.atMs ?? auditMs(transition, 'began'),
    close: auditMs(transition, 'closed'),
    'catch up, decide': decidedMs,
    ...takeover(told, decidedMs),
  };
}

function takeover(told: Told, decidedMs: number | undefined): Milestones {
  const { lines, transition, tookMs } = told;
  const opening = lines.find(
    (line) => isStep(line, 'open') && line.instance === transition.to && line.atMs >= (decidedMs ?? 0),
  );
  const openMs = tookMs['open'];
  return {
    apply: opening?.atMs,
    open: opening && openMs !== undefined ? opening.atMs + openMs : undefined,
    tell: auditMs(transition, 'opened'),
    publish: told.publishedMs,
    connect: told.connectedMs,
    write: told.writtenMs,
  };
}

/** An event that the scheduler logs when the record of it is written, in the epoch of the transition. */
function writtenBy(lines: readonly LogLine[], event: string, { epoch }: Transition): number | undefined {
  return lines.find(({ fields }) => fields['event'] === event && fields['epoch'] === epoch)?.atMs;
}

function auditMs({ steps }: Transition, step: string): number | undefined {
  const found = steps.find((one) => one.step === step);
  return found && Date.parse(found.at);
}

function isStep({ message, fields }: LogLine, name: string): boolean {
  const { step } = fields as { step?: { do?: unknown } };
  return message === 'step' && step?.do === name;
}
