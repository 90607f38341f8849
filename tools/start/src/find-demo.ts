/** The demo cluster at the start of a run: what a kept state has of it, or a new one. */
import type { ClusterDetail } from '@cotton/api';
import { ApiError } from '@cotton/api';
import { setTimeout as sleep } from 'node:timers/promises';

export const DEMO = 'demo';
export const POLL_MS = 200;
const GONE_LIMIT_MS = 60_000;

export type Say = (line: string) => void;

export interface FoundDemo {
  uid: string;
  clusterUrl: string;
  /** An earlier run with --keep made it. */
  isResumed: boolean;
}

export interface Api {
  get(name: string): Promise<ClusterDetail>;
}

/** @param create makes it; called only when there is none, because a name can be used only once */
export async function findOrCreate(
  api: Api,
  create: () => Promise<Omit<FoundDemo, 'isResumed'>>,
  say: Say,
): Promise<FoundDemo> {
  const kept = await findKept(api, say);
  if (!kept) return { ...(await create()), isResumed: false };
  return { uid: kept.uid, clusterUrl: kept.cluster_url, isResumed: true };
}

/** Undefined where there is none; one that was being deleted when the last run ended goes first. */
async function findKept(api: Api, say: Say): Promise<ClusterDetail | undefined> {
  const deadline = performance.now() + GONE_LIMIT_MS;
  let told = '';
  for (;;) {
    const found = await find(api);
    if (found?.state !== 'DELETING') return found;
    if (performance.now() > deadline) throw new Error(`${DEMO} is still being deleted: ${found.reason}`);
    if (found.reason !== told) say(`  ${DEMO} is still being deleted: ${found.reason}`);
    told = found.reason;
    await sleep(POLL_MS);
  }
}

async function find(api: Api): Promise<ClusterDetail | undefined> {
  try {
    return await api.get(DEMO);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'cluster_not_found') return undefined;
    throw error;
  }
}
