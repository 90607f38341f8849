import type { Offer } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import { describe, expect, it } from 'vitest';
import { byAgent, toAgentOffer } from './offer-view.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;
const { scalar } = resources;

function offer(changes: Partial<Offer>): Offer {
  return {
    id: { value: 'o1' },
    frameworkId: { value: 'f1' },
    agentId: { value: 'a1' },
    hostname: 'h1',
    resources: [scalar('cpus', 4), scalar('mem', 2048)],
    ...changes,
  };
}

/** What placement may still give away of an agent with one offer. */
function freeCpus(changes: Partial<Offer>): number[] {
  return byAgent([offer(changes)]).map((agent) => toAgentOffer(agent, 'i1', NOW_MS).free.cpus);
}

describe('an agent as placement sees it', () => {
  it('may have other resources of any size', () => {
    expect(freeCpus({ resources: [scalar('cpus', 4), scalar('scratch_bytes', 1e13)] })).toEqual([4]);
  });

  const nanoseconds = (ms: number) => ({ nanoseconds: BigInt(ms) * 1_000_000n });
  it.each([
    ['due within a day', 23, undefined, 0],
    ['under way', -1, 2, 0],
    ['under way for nobody knows how long', -100, undefined, 0],
    ['over', -3, 2, 4],
    ['due in two days', 48, undefined, 4],
  ])('is given nothing new where its maintenance is %s', (_, startsInH, lastsH, cpus) => {
    const unavailability = {
      start: nanoseconds(NOW_MS + startsInH * HOUR_MS),
      ...(lastsH !== undefined && { duration: nanoseconds(lastsH * HOUR_MS) }),
    };
    expect(freeCpus({ unavailability })).toEqual([cpus]);
  });
});
