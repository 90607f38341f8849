/** One term as leader: load the state, subscribe with Mesos, keep the clusters, until the term ends. */
import type { LeaderElection } from '@cotton/coordination';
import type { FrameworkInfo } from '@cotton/mesos';
import { masterFinder, SchedulerConnection } from '@cotton/mesos';
import type { ZooKeeper } from '@cotton/zookeeper';
import { coordinationPort } from './adapters/coordination.ts';
import { executorSettings } from './adapters/executor-settings.ts';
import { memberPort } from './adapters/members.ts';
import { mesosPort } from './adapters/mesos.ts';
import type { OpenedState } from './adapters/state.ts';
import { openState } from './adapters/state.ts';
import { Engine } from './engine/engine.ts';
import type { Clock, MesosPort } from './engine/ports.ts';
import { SecretKeeper } from './engine/secrets.ts';
import type { SchedulerFlags } from './flags.ts';
import type { Log } from './log.ts';
import { MesosEvents } from './mesos-events.ts';
import { frameworkInfoFor } from './mesos/framework-info.ts';
import type { SchedulerService } from './service.ts';

export interface TermOptions {
  flags: SchedulerFlags;
  zookeeper: ZooKeeper;
  election: LeaderElection;
  service: SchedulerService;
  /** This scheduler's own address, for the link in Mesos' web page. */
  url: string;
  log: Log;
  /** The scheduler cannot go on: the process must end with this. */
  onFatal(error: unknown): void;
}

export interface Term {
  /** Stands down: nothing is sent or written from then on. */
  end(): Promise<void>;
}

export async function startTerm(options: TermOptions): Promise<Term> {
  const { flags, zookeeper, election, service, log, onFatal } = options;
  const startedAtMs = performance.now();
  const state = await openState(flags, zookeeper, election);
  const finder = masterFinder(flags.mesosMaster);
  const isLeader = (): boolean => election.isLeader;
  const connection = new SchedulerConnection({
    master: finder,
    framework: frameworkOf(options, state.frameworkId),
    ...(flags.credentials && { credential: flags.credentials }),
    mayConnect: isLeader,
    onEvent: (event) => events.handle(event),
  });
  const mesos = mesosPort(connection, flags.credentials, isLeader, log);
  const engine = await engineFor(options, state, mesos);
  const events = new MesosEvents({ engine, mesos, state, service, log, isLeader, onFatal });

  engine.load(state.clusters);
  service.began(engine);
  connection.start();
  const stopConfirming = confirmWhenConnected(options, { state, engine, startedAtMs });
  return {
    async end() {
      stopConfirming();
      service.ended();
      engine.close();
      await connection.close();
      await finder.close();
      await state.close();
    },
  };
}

function frameworkOf({ flags, url }: TermOptions, id: string | undefined): FrameworkInfo {
  return {
    ...frameworkInfoFor({
      name: flags.frameworkName,
      user: flags.frameworkUser,
      role: flags.frameworkRole,
      principal: flags.credentials?.principal,
      failoverTimeoutS: flags.frameworkFailoverTimeoutMs / 1000,
      webuiUrl: url,
    }),
    ...(id === undefined ? {} : { id: { value: id } }),
  };
}

async function engineFor(options: TermOptions, state: OpenedState, mesos: MesosPort): Promise<Engine> {
  const { flags, zookeeper, election, service, log, onFatal } = options;
  return new Engine({
    state: state.port,
    coordination: await coordinationPort({
      zookeeper,
      root: flags.zk.path,
      election,
      memberSessionTimeoutMs: flags.zkSessionTimeoutMs,
      log,
    }),
    mesos,
    members: memberPort(),
    clock: termClock(),
    log,
    secrets: new SecretKeeper(flags.schedulerKey),
    owner: {
      installation: state.installation,
      role: flags.frameworkRole,
      principal: flags.credentials?.principal,
    },
    executor: executorSettings(flags),
    timing: {
      memberSessionTimeoutMs: flags.zkSessionTimeoutMs,
      replacementTimeoutMs: flags.replacementTimeoutMs,
      electionTimeoutMs: flags.electionTimeoutMs,
    },
    heartbeatBoundMs: flags.heartbeatBoundMs,
    onChange: () => service.changed(),
    onEvent: (event) => service.events.add(event, Date.now()),
    onFatal,
  });
}

/** After every new connection to ZooKeeper: does it still hold what was written? @returns ends it */
function confirmWhenConnected(
  { zookeeper, onFatal }: TermOptions,
  { state, engine, startedAtMs }: { state: OpenedState; engine: Engine; startedAtMs: number },
): () => void {
  const confirm = async (): Promise<void> => {
    await state.confirm();
    engine.publishAgain();
  };
  const stop = zookeeper.onState((phase) => {
    if (phase === 'connected') void confirm().catch(onFatal);
  });
  // While the state was loaded nobody listened yet.
  const isConnectedAnew = zookeeper.connectedForMs() < performance.now() - startedAtMs;
  if (isConnectedAnew) void confirm().catch(onFatal);
  return stop;
}

/** Wall time as it was when this leader began, and monotonic from there: a clock that is set must neither end nor stretch a wait. */
function termClock(): Clock {
  const aheadMs = Date.now() - performance.now();
  return { nowMs: () => Math.round(aheadMs + performance.now()) };
}
