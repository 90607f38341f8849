/** What a change of a record means, as events: the same words go to the log, to followers and into metrics. */
import type { ClusterRecord, Generation } from '@cotton/core';
import { currentGeneration } from '@cotton/core';
import type { NewEvent } from '../event-feed.ts';
import { finishedView, inProgressView, isOver } from '../transition-view.ts';

type Told = Pick<NewEvent, 'kind' | 'message'> & Partial<Pick<NewEvent, 'transition'>>;

/** @param before undefined: the cluster is new */
export function narrate(before: ClusterRecord | undefined, after: ClusterRecord): NewEvent[] {
  const told = before
    ? [
        ...wishes(before, after),
        ...beginnings(before, after),
        ...endings(before, after),
        ...electorates(before, after),
      ]
    : [{ kind: 'created', message: `${after.spec.nodes} instances asked for` } as const];
  return told.map((event) => eventOf(after, event));
}

export function eventOf({ name, uid, epoch }: ClusterRecord, told: Told): NewEvent {
  return { cluster: name, uid, epoch, transition: null, ...told };
}

function wishes({ spec: from, phase }: ClusterRecord, { spec: to, phase: now }: ClusterRecord): Told[] {
  const changed = (message: string): Told => ({ kind: 'changed', message });
  const told: Told[] = [];
  if (now === 'deleting' && phase !== 'deleting')
    told.push({ kind: 'deleting', message: 'deletion asked for' });
  if (from.nodes !== to.nodes) told.push(changed(`${to.nodes} instances instead of ${from.nodes}`));
  if (from.hold !== to.hold)
    told.push(changed(to.hold ? 'no automatic failover from now on' : 'automatic failover again'));
  if (differ(from.durability, to.durability))
    told.push(changed(`durability ${JSON.stringify(to.durability)}`));
  if (differ(from.promotion, to.promotion)) told.push(changed(`promotion ${JSON.stringify(to.promotion)}`));
  return told;
}

function beginnings(before: ClusterRecord, after: ClusterRecord): Told[] {
  const transition = inProgressView(after);
  const { election, switchover } = after;
  const told: Told[] = [];
  if (switchover && switchover.id !== before.switchover?.id)
    told.push({ kind: 'switchover', message: `${after.primary?.instance} to ${switchover.to}`, transition });
  if (election && election.id !== before.election?.id && after.phase === 'electing')
    told.push({ kind: 'election', message: election.cause, transition });
  else if (election && after.phase === 'electing' && after.epoch !== before.epoch)
    told.push({ kind: 'election', message: `again: ${election.cause}`, transition });
  if (election?.waived && election.waived !== before.election?.waived)
    told.push({ kind: 'election', message: `goes on without some reports: ${election.waived}`, transition });
  return told;
}

function endings(before: ClusterRecord, after: ClusterRecord): Told[] {
  const known = new Set(before.transitions.filter((one) => isOver(before, one)).map(({ id }) => id));
  return after.transitions
    .filter((one) => isOver(after, one) && !known.has(one.id))
    .map((ended) => {
      const { kind, from, to, outcome, cause, detail } = ended;
      const what = from === null ? `${kind}: ${to}` : `${kind} from ${from} to ${to}`;
      const message = `${what}, ${outcome}: ${[cause, detail].filter(Boolean).join('; ')}`;
      return { kind: 'transition', message, transition: finishedView(ended) };
    });
}

function electorates(before: ClusterRecord, after: ClusterRecord): Told[] {
  const generation = currentGeneration(after);
  if (!generation || generation.number === currentGeneration(before)?.number) return [];
  return [{ kind: 'electorate', message: describeGeneration(generation) }];
}

function describeGeneration({ number, primary, voters, ackCount }: Generation): string {
  const names = voters.map(({ instance }) => instance).join(', ');
  return ackCount === 0
    ? `generation ${number}: ${primary.instance} acknowledges alone`
    : `generation ${number}: a commit on ${primary.instance} waits for ${ackCount} of ${names}`;
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
