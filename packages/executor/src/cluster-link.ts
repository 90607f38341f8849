import type { Control, InstanceSecrets, Status, TaskData } from '@cotton/core';
import { encodeDocument, parseControl, parseStatus } from '@cotton/core';
import { type Codec, ControlChannel, StatusPublisher, statusPath, unseal } from '@cotton/coordination';
import type { Log } from '@cotton/log';
import { isZooKeeperError, ZooKeeper, type ZooKeeperState } from '@cotton/zookeeper';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from './error.ts';

export interface ClusterLinkOptions {
  task: TaskData;
  /** Control as it is, and after each change. */
  onControl: (control: Control | undefined) => void;
  /** On every new connection after the first. */
  onConnected: () => void;
  /** ZooKeeper cannot be reached for now; for people. */
  onWaiting: (reason: string) => void;
  signal: AbortSignal;
  log: Log;
}

const CONNECT_DEADLINE_MS = 10_000;
const RETRY_MS = 500;

const controlCodec: Codec<Control> = { encode: encodeDocument, decode: parseControl };
const statusCodec: Codec<Status> = { encode: encodeDocument, decode: parseStatus };

/**
 * The executor's line to its cluster: it hears control and publishes its status. A lost session ends nothing here: the
 * status comes back with the next one. What it means for a primary is decided in fence.ts.
 */
export class ClusterLink {
  readonly #zookeeper: ZooKeeper;
  readonly #publisher: StatusPublisher<Status>;
  readonly #stopWatching: () => void;

  /** Connects, however long that takes. */
  static async open(options: ClusterLinkOptions): Promise<ClusterLink> {
    const zookeeper = await connect(options);
    try {
      await writeFirst(zookeeper, options);
    } catch (error) {
      await zookeeper.close();
      throw error;
    }
    return new ClusterLink(zookeeper, options);
  }

  private constructor(zookeeper: ZooKeeper, { task, onControl, onConnected, log }: ClusterLinkOptions) {
    const { zk, cluster, instance } = task;
    this.#zookeeper = zookeeper;
    const place = { root: zk.path, uid: cluster.uid, instance };
    const note = (message: string, fields: Record<string, unknown>) => log.warn(fields, message);
    this.#publisher = new StatusPublisher(zookeeper, place, statusCodec, note);
    zookeeper.onState((state) => {
      log.info({ state }, 'ZooKeeper');
      if (state === 'connected') onConnected();
    });
    const control = new ControlChannel(zookeeper, zk.path, controlCodec);
    this.#stopWatching = control.watch(
      cluster.uid,
      (current) => onControl(current?.document),
      (error) => log.error({ err: error }, 'control cannot be read: the last good one stands'),
    );
  }

  /** Judged at the moment of asking. */
  get state(): ZooKeeperState {
    return this.#zookeeper.state;
  }

  publish(status: Status): void {
    this.#publisher.publish(status);
  }

  /** Takes the status away and ends the session; bounded. */
  async close(): Promise<void> {
    this.#stopWatching();
    await Promise.race([this.#publisher.stop(), sleep(1_000)]);
    await this.#zookeeper.close();
  }
}

async function connect({ task, signal, log, onWaiting }: ClusterLinkOptions): Promise<ZooKeeper> {
  const { servers, auth, sessionTimeoutMs } = task.zk;
  const note = (message: string, fields: Record<string, unknown>) => log.debug(fields, message);
  const options = { servers, auth, sessionTimeoutMs, deadlineMs: CONNECT_DEADLINE_MS, log: note };
  return untilDone({ signal, onWaiting }, () => ZooKeeper.connect(options));
}

/**
 * A server of ZooKeeper may lag behind the others, and an executor that was just restarted remembers of control only
 * the epoch. After a write of its own it reads nothing that is older than that.
 */
async function writeFirst(zookeeper: ZooKeeper, { task, ...options }: ClusterLinkOptions): Promise<void> {
  const path = statusPath(task.zk.path, task.cluster.uid);
  await untilDone(options, async () => {
    await zookeeper.ensure(path);
    await zookeeper.set(path, Buffer.alloc(0));
  });
}

async function untilDone<T>(
  { signal, onWaiting }: Pick<ClusterLinkOptions, 'signal' | 'onWaiting'>,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      // Wrong credentials stay wrong; everything else may be an outage, which stops no cluster.
      if (isZooKeeperError(error, 'no_auth', 'invalid', 'closed')) throw error;
      onWaiting(describeError(error));
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

/**
 * This instance's secrets in control; undefined while control has none for it.
 * @throws CoordinationError `unseal_failed`
 */
export function secretsIn(control: Control, task: TaskData): InstanceSecrets | undefined {
  const sealed = control.secrets[task.instance];
  if (sealed === undefined) return undefined;
  const key = Buffer.from(task.key, 'base64');
  return JSON.parse(unseal(key, sealed, `${task.cluster.uid}/${task.instance}`)) as InstanceSecrets;
}
