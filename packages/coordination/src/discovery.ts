import {
  ANY_VERSION,
  isZooKeeperError,
  joinPath,
  type Op,
  parseZkUrl,
  ZooKeeper,
  type ZooKeeperError,
} from '@cotton/zookeeper';
import { CoordinationError } from './errors.ts';
import { type DiscoveryNodes, type Endpoints, type GroupNodes, reconcileOps } from './discovery-ops.ts';
import { discoverPath } from './layout.ts';
import { decodeMember, PRIMARY_GROUP, REPLICA_GROUP, type ServerSetMember } from './server-set.ts';
import { watchNodes } from './watch-nodes.ts';

const MAX_ROUNDS = 5;
const RESOLVE_SESSION_MS = 10_000;
/** After connection_loss too: reading again shows whether it was done. */
const WORTH_ANOTHER_ROUND = [
  'connection_loss',
  'no_node',
  'node_exists',
  'bad_version',
  'not_empty',
] as const;

/** The scheduler's side of discovery: groups of persistent nodes under `discover/<cluster>`, changed in fenced steps. */
export class Discovery {
  readonly #zookeeper: ZooKeeper;
  readonly #root: string;

  constructor(zookeeper: ZooKeeper, root: string) {
    this.#zookeeper = zookeeper;
    this.#root = root;
  }

  /** Once, before anything is published. */
  async prepare(): Promise<void> {
    await this.#zookeeper.ensure(discoverPath(this.#root));
  }

  /** Names of the clusters to be found. */
  async list(): Promise<string[]> {
    return (await this.#zookeeper.children(discoverPath(this.#root))) ?? [];
  }

  /**
   * Makes the cluster's groups hold exactly these endpoints, in one transaction; nothing is written when they do already.
   * Somebody else's node that cannot be read is no member. `fence` is the leader's.
   * @throws CoordinationError('deposed' | 'contended' | 'obstructed')
   */
  async publish(cluster: string, wanted: Endpoints, fence: Op): Promise<void> {
    const path = discoverPath(this.#root, cluster);
    await this.#apply(path, fence, async () =>
      this.#withAllBelow(reconcileOps(path, await this.#read(path), wanted)),
    );
  }

  /** Takes the cluster out of discovery, with all that anybody has put below its node. Errors as for `publish`. */
  async remove(cluster: string, fence: Op): Promise<void> {
    const path = discoverPath(this.#root, cluster);
    await this.#apply(path, fence, () => this.#withAllBelow([{ op: 'remove', path, version: ANY_VERSION }]));
  }

  /** What is removed goes with all that anybody has put below it. */
  async #withAllBelow(ops: Op[]): Promise<Op[]> {
    const all = ops.map(async (op): Promise<Op[]> =>
      op.op === 'remove'
        ? (await deepestFirst(this.#zookeeper, op.path)).map((path) => ({ ...op, path }))
        : [op],
    );
    return (await Promise.all(all)).flat();
  }

  async #apply(path: string, fence: Op, opsNow: () => Promise<Op[]>): Promise<void> {
    let refusal: unknown;
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      try {
        const ops = await opsNow();
        if (ops.length === 0) return;
        return await this.#zookeeper.multi([fence, ...ops]);
      } catch (error) {
        if (isZooKeeperError(error, 'no_auth', 'invalid')) throw obstructed(path, error);
        if (!isZooKeeperError(error, ...WORTH_ANOTHER_ROUND)) throw error;
        if (error.failedOp === 0)
          throw new CoordinationError('deposed', `${path}: another scheduler leads now`, { cause: error });
        refusal = error;
      }
    }
    if (isZooKeeperError(refusal, 'connection_loss')) throw refusal;
    // All that could be seen was to be removed, too.
    if (isZooKeeperError(refusal, 'not_empty')) throw obstructed(path, refusal);
    throw new CoordinationError('contended', `${path} keeps being changed by others`, { cause: refusal });
  }

  async #read(path: string): Promise<DiscoveryNodes> {
    const [exists, primary, replicas] = await Promise.all([
      this.#zookeeper.exists(path),
      this.#readGroup(joinPath(path, PRIMARY_GROUP)),
      this.#readGroup(joinPath(path, REPLICA_GROUP)),
    ]);
    return { exists, primary, replicas };
  }

  async #readGroup(group: string): Promise<GroupNodes | undefined> {
    // The version first: a change between the two readings then makes the write fail.
    const node = await this.#zookeeper.get(group);
    return node && { version: node.version, members: await readMembers(this.#zookeeper, group) };
  }
}

/** Whom a client of the cluster at `path` (`…/discover/<cluster>`) should use now; undefined when there is no such cluster. */
export async function resolve(zookeeper: ZooKeeper, path: string): Promise<Endpoints | undefined> {
  const [exists, primaries, replicas] = await Promise.all([
    zookeeper.exists(path),
    readMembers(zookeeper, joinPath(path, PRIMARY_GROUP)),
    readMembers(zookeeper, joinPath(path, REPLICA_GROUP)),
  ]);
  return exists ? toEndpoints(primaries.values(), replicas.values()) : undefined;
}

/** The same for a `cluster_url` as the API gives it, with a connection of its own. */
export async function resolveUrl(clusterUrl: string): Promise<Endpoints | undefined> {
  const { path, ...location } = parseZkUrl(clusterUrl);
  const zookeeper = await ZooKeeper.connect({ ...location, sessionTimeoutMs: RESOLVE_SESSION_MS });
  try {
    return await resolve(zookeeper, path);
  } finally {
    await zookeeper.close();
  }
}

/** Calls back with the endpoints as they are and after each change; undefined while there is no such cluster. */
export function watchDiscovery(
  zookeeper: ZooKeeper,
  path: string,
  callback: (endpoints: Endpoints | undefined) => void,
): () => void {
  const groups: { primaries?: Buffer[] | undefined; replicas?: Buffer[] | undefined } = {};
  let told: string | undefined;
  const tell = (change: typeof groups): void => {
    Object.assign(groups, change);
    if (!('primaries' in groups && 'replicas' in groups)) return;
    const { primaries, replicas } = groups;
    const endpoints = primaries || replicas ? toEndpoints(primaries ?? [], replicas ?? []) : undefined;
    const text = JSON.stringify(endpoints) ?? 'none';
    if (text !== told) callback(endpoints);
    told = text;
  };
  const watchGroup = (group: string, key: 'primaries' | 'replicas'): (() => void) =>
    watchNodes(zookeeper, joinPath(path, group), (nodes) =>
      tell({ [key]: nodes && [...nodes.values()].map((node) => node.data) }),
    );
  const stops = [watchGroup(PRIMARY_GROUP, 'primaries'), watchGroup(REPLICA_GROUP, 'replicas')];
  return () => stops.forEach((stop) => stop());
}

/** The node and all below it, children before their parents; none where there is no such node. */
async function deepestFirst(zookeeper: ZooKeeper, path: string): Promise<string[]> {
  // Whether a closed one can go its parent decides.
  const names = await unlessClosed(zookeeper.children(path), []);
  if (!names) return [];
  const below = await Promise.all(names.map((name) => deepestFirst(zookeeper, joinPath(path, name))));
  return [...below.flat(), path];
}

async function readMembers(zookeeper: ZooKeeper, group: string): Promise<Map<string, Buffer>> {
  const names = (await zookeeper.children(group)) ?? [];
  const nodes = await Promise.all(
    names.map((name) => unlessClosed(zookeeper.get(joinPath(group, name)), undefined)),
  );
  return new Map(names.flatMap((name, index) => (nodes[index] ? [[name, nodes[index].data]] : [])));
}

/** What was read; `closed` where the node is somebody else's and closed to us. */
async function unlessClosed<T>(reading: Promise<T>, closed: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (isZooKeeperError(error, 'no_auth')) return closed;
    throw error;
  }
}

function obstructed(path: string, refusal: ZooKeeperError): CoordinationError {
  return new CoordinationError(
    'obstructed',
    `${path}: what somebody else has put there is in the way; remove it, or let this scheduler read and remove it (${refusal.message})`,
    { cause: refusal },
  );
}

function toEndpoints(primaries: Iterable<Buffer>, replicas: Iterable<Buffer>): Endpoints {
  const [primary] = live(primaries);
  return { ...(primary && { primary }), replicas: live(replicas) };
}

function live(members: Iterable<Buffer>): ServerSetMember[] {
  return [...members]
    .flatMap((data) => decodeMember(data) ?? [])
    .sort((left, right) => (left.shard ?? 0) - (right.shard ?? 0));
}
