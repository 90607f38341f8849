import type { Discovery as DiscoveryDocument, Endpoint, Status } from '@cotton/core';
import { encodeDocument, parseStatus } from '@cotton/core';
import type { LeaderElection } from '@cotton/coordination';
import { absenceCounts, CoordinationError, Discovery, watchStatuses } from '@cotton/coordination';
import { isZooKeeperError, type ZooKeeper } from '@cotton/zookeeper';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoordinationPort, EngineLog } from '../engine/ports.ts';

export interface CoordinationOptions {
  zookeeper: ZooKeeper;
  root: string;
  election: LeaderElection;
  /** Session timeout of the executors: how long a member may take to come back after an outage of ZooKeeper. */
  memberSessionTimeoutMs: number;
  log: EngineLog;
}

const statusCodec = { encode: encodeDocument, decode: (data: Buffer): Status => parseStatus(data) };

export async function coordinationPort(options: CoordinationOptions): Promise<CoordinationPort> {
  const { zookeeper, root, election, log } = options;
  const discovery = new Discovery(zookeeper, root);
  await discovery.prepare();
  return {
    watchStatuses: (uid, onChange) =>
      watchStatuses(zookeeper, { root, uid }, statusCodec, onChange, (message, fields) =>
        log.warn(fields, message),
      ),
    connectedSinceMs: () => {
      const forMs = zookeeper.connectedForMs();
      return forMs > 0 ? performance.now() - forMs : Infinity;
    },
    absenceCounts: () => absenceCounts(zookeeper, options.memberSessionTimeoutMs),
    publishDiscovery: (name, wanted) =>
      untilDone(log, () => discovery.publish(name, toEndpoints(wanted), election.fence())),
    removeDiscovery: (name) => untilDone(log, () => discovery.remove(name, election.fence())),
  };
}

const RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/**
 * Ends when ZooKeeper has done it, or when leadership is lost and the fence says so. Somebody else who keeps changing
 * one cluster's nodes, or has some there that we may not touch, holds up that cluster's discovery, never the scheduler.
 */
async function untilDone(log: EngineLog, write: () => Promise<void>): Promise<void> {
  let pauseMs = RETRY_MS;
  let told = '';
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (isByOthers(error)) {
        if (error.message !== told) log.warn({ err: error }, error.message);
        told = error.message;
        pauseMs = Math.min(2 * pauseMs, LONGEST_RETRY_MS);
      } else if (isZooKeeperError(error, 'connection_loss', 'session_lost', 'deadline', 'overloaded'))
        pauseMs = RETRY_MS;
      else throw error;
    }
    await sleep(pauseMs);
  }
}

function isByOthers(error: unknown): error is CoordinationError {
  return error instanceof CoordinationError && (error.code === 'contended' || error.code === 'obstructed');
}

function toEndpoints({ primary, replicas }: DiscoveryDocument): Parameters<Discovery['publish']>[1] {
  return { ...(primary && { primary: toMember(primary) }), replicas: replicas.map(toMember) };
}

function toMember({ host, port, httpPort, ordinal }: Endpoint): {
  host: string;
  port: number;
  httpPort: number;
  shard: number;
} {
  return { host, port, httpPort, shard: ordinal };
}
