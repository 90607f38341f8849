import type { ClusterDetail } from '@cotton/api';
import { ApiError } from '@cotton/api';
import { describe, expect, it } from 'vitest';
import type { Api } from './find-demo.ts';
import { findOrCreate } from './find-demo.ts';

const KEPT = { uid: 'abcdefabcdef', cluster_url: 'zk://127.0.0.1:2/cotton/discover/demo', reason: 'so' };
const MADE = { uid: '012345012345', clusterUrl: 'zk://127.0.0.1:1/cotton/discover/demo' };

/** An API that answers these states one after the other, the last one for ever; undefined where there is no cluster. */
function answering(...states: (ClusterDetail['state'] | undefined)[]): Api {
  return {
    get: async () => {
      const state = states.length > 1 ? states.shift() : states[0];
      if (state === undefined) throw new ApiError('cluster_not_found', 'There is no cluster demo.');
      return { ...KEPT, state } as ClusterDetail;
    },
  };
}

async function run(api: Api) {
  let made = 0;
  const told: string[] = [];
  const create = async () => {
    made += 1;
    return MADE;
  };
  const found = await findOrCreate(api, create, (line) => told.push(line));
  return { found, made, told };
}

describe('the demo cluster at the start', () => {
  it('is made where there is none', async () => {
    expect(await run(answering(undefined))).toEqual({
      found: { ...MADE, isResumed: false },
      made: 1,
      told: [],
    });
  });

  it.each(['HEALTHY', 'CREATING', 'BLOCKED'] as const)('is taken as it is, kept and %s', async (state) => {
    expect(await run(answering(state))).toEqual({
      found: { uid: KEPT.uid, clusterUrl: KEPT.cluster_url, isResumed: true },
      made: 0,
      told: [],
    });
  });

  it('is made anew once nothing is left of one that was being deleted', async () => {
    const { found, made, told } = await run(answering('DELETING', 'DELETING', undefined));
    expect([found.uid, made]).toEqual([MADE.uid, 1]);
    expect(told).toEqual(['  demo is still being deleted: so']);
  });

  it('is not made when the API says something else', async () => {
    const api = {
      get: async () => {
        throw new ApiError('unreachable', 'No answer.');
      },
    };
    await expect(run(api)).rejects.toThrow('No answer.');
  });
});
