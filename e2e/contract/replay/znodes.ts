import { ZooKeeper } from '@cotton/zookeeper';
import type { Json, JsonObject, TraceLine } from '../trace/trace.ts';
import { differences } from './compare.ts';
import type { Replay } from './context.ts';

const DEADLINE_MS = 10_000;
const SESSION_MS = 10_000;
const CANDIDATE = /^json\.info_\d{10}$/;
const REPLICA = /^\d{10}$/;

interface Election {
  /** What each candidate says of itself, the leader first. */
  candidates: Json[];
  ephemeral: boolean[];
  replicas: number;
}

function recordedElection(znodes: Record<string, Json>): Election {
  const names = Object.keys(znodes)
    .filter((name) => CANDIDATE.test(name))
    .sort();
  const of = (name: string) => znodes[name] as JsonObject;
  const replicas = (znodes.log_replicas as JsonObject).children as string[];
  return {
    candidates: names.map((name) => of(name).data!),
    ephemeral: names.map((name) => of(name).ephemeralOwner !== '0x0'),
    replicas: replicas.length,
  };
}

async function readElection(zooKeeper: ZooKeeper): Promise<Election> {
  const names = (await zooKeeper.children('/mesos')) ?? [];
  const candidates = names.filter((name) => CANDIDATE.test(name)).sort();
  const nodes = await Promise.all(candidates.map((name) => zooKeeper.get(`/mesos/${name}`)));
  const replicas = ((await zooKeeper.children('/mesos/log_replicas')) ?? []).filter((name) =>
    REPLICA.test(name),
  );
  return {
    candidates: nodes.map((node) => JSON.parse(node!.data.toString('utf8')) as Json),
    ephemeral: nodes.map((node) => !/^(0x)?0+$/.test(String(node!.ephemeralOwner))),
    replicas: replicas.length,
  };
}

/** Compares what stands in ZooKeeper with a recorded listing; the numbers themselves are chance (fact 71). */
export async function compareZnodes(replay: Replay, line: TraceLine): Promise<string[]> {
  const { host, port } = replay.endpoints.get('zookeeper')!;
  const zooKeeper = await ZooKeeper.connect({
    servers: `${host}:${port}`,
    sessionTimeoutMs: SESSION_MS,
    deadlineMs: DEADLINE_MS,
  });
  try {
    const recorded = recordedElection(line.znodes!) as unknown as Json;
    const actual = (await readElection(zooKeeper)) as unknown as Json;
    return replay.ids.attempt(() => differences(recorded, actual, replay.ids));
  } finally {
    await zooKeeper.close();
  }
}
