/** One term as leader: load the state, subscribe with Mesos, keep the clusters, until the term ends. */
import type { LeaderElection } from '@cotton/coordination';
import type { Offer, SchedulerConnectionEvent } from '@cotton/mesos';
import { masterFinder, masterInfo, originOfMasterInfo, SchedulerConnection } from '@cotton/mesos';
import type { ZooKeeper } from '@cotton/zookeeper';
import { coordinationPort } from './adapters/coordination.ts';
import { executorSettings } from './adapters/executor-settings.ts';
import { memberPort } from './adapters/members.ts';
import { mesosPort } from './adapters/mesos.ts';
import { openState } from './adapters/state.ts';
import { Engine } from './engine/engine.ts';
import type { Clock } from './engine/ports.ts';
import { SecretKeeper } from './engine/secrets.ts';
import type { SchedulerFlags } from './flags.ts';
import type { Log } from './log.ts';
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

/** Why Mesos refuses this framework; nothing but a person can change that. */
export class RefusedByMesosError extends Error {
  readonly code: string;
  constructor(reason: string, message: string, advice: string) {
    super(`the Mesos master refuses this framework: ${message}. ${advice}`);
    this.name = 'RefusedByMesosError';
    this.code = reason;
  }
}

type Subscribed = Extract<SchedulerConnectionEvent, { type: 'subscribed' }>;

export interface Term {
  /** Stands down: nothing is sent or written from then on. */
  end(): Promise<void>;
}

export async function startTerm(options: TermOptions): Promise<Term> {
  const { flags, zookeeper, election, service, log, onFatal } = options;
  const startedAtMs = performance.now();
  const state = await openState(flags, zookeeper, election);
  const finder = masterFinder(flags.mesosMaster);
  /** Counts disconnections: what came before the last one is void. */
  let subscription = 0;
  let idStored = Promise.resolve();
  const connection = new SchedulerConnection({
    master: finder,
    framework: {
      ...frameworkInfoFor({
        name: flags.frameworkName,
        user: flags.frameworkUser,
        role: flags.frameworkRole,
        principal: flags.credentials?.principal,
        failoverTimeoutS: flags.frameworkFailoverTimeoutMs / 1000,
        webuiUrl: options.url,
      }),
      ...(state.frameworkId === undefined ? {} : { id: { value: state.frameworkId } }),
    },
    ...(flags.credentials && { credential: flags.credentials }),
    mayConnect: () => election.isLeader,
    onEvent: (event) => void handle(event).catch(onFatal),
  });
  const mesos = mesosPort(connection, flags.credentials, () => election.isLeader, log);
  const engine: Engine = new Engine({
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

  async function handle(event: SchedulerConnectionEvent): Promise<void> {
    // Deposed in our sleep: what Mesos tells us now, that we failed over above all, is our successor's doing.
    if (!election.isLeader) return;
    switch (event.type) {
      case 'subscribed':
        return subscribed(event);
      case 'disconnected':
        subscription++;
        engine.disconnected();
        service.subscribed = false;
        service.message = `not connected to a Mesos master: ${event.reason}`;
        return log.warn(
          { reason: event.reason, retryInMs: event.retryInMs },
          'not connected to a Mesos master',
        );
      case 'offers':
        return useOffers(event.offers);
      case 'rescind':
        await idStored; // it must not overtake the offer
        return engine.rescind(event.offerId);
      case 'update':
        return engine.taskUpdate(event.status);
      case 'refused':
        throw refusal(event.reason, event.message, engine.records().length);
      case 'failure':
        log.info({ agent: event.agentId, executor: event.executorId, status: event.status }, 'mesos failure');
        if (event.agentId !== undefined && event.executorId === undefined) engine.agentLost(event.agentId);
        return;
      default:
        return undefined;
    }
  }

  /** Under a framework id that nobody remembers our tasks would belong to nobody: no offer is used before it is stored. */
  async function useOffers(offers: Offer[]): Promise<void> {
    const received = subscription;
    await idStored;
    if (received === subscription) engine.offers(offers);
  }

  /** Nothing is awaited before the desk is reset: a real master sends offers within milliseconds. */
  async function subscribed({ frameworkId, origin, master }: Subscribed): Promise<void> {
    if (frameworkId !== state.frameworkId) idStored = state.saveFrameworkId(frameworkId);
    // Where it answered, not where it says it is: behind NAT or a forwarded port that is somewhere else.
    mesos.master(origin);
    engine.subscribed();
    const told = master ? originOfMasterInfo(masterInfo.toJson(master)) : origin;
    service.mesos = { master: told.replace(/^http:\/\//, ''), frameworkId };
    await idStored;
    service.subscribed = true;
    service.message = 'subscribed with the Mesos master';
    service.masterIsStandIn = await mesos.isStandIn();
    log.info(
      { framework: frameworkId, standIn: service.masterIsStandIn },
      'subscribed with the Mesos master',
    );
  }

  async function confirm(): Promise<void> {
    await state.confirm();
    engine.publishAgain();
  }

  engine.load(state.clusters);
  service.engine = engine;
  connection.start();
  const stopListening = zookeeper.onState((phase) => {
    if (phase === 'connected') void confirm().catch(onFatal);
  });
  // While the state was loaded nobody listened yet.
  const isConnectedAnew = zookeeper.connectedForMs() < performance.now() - startedAtMs;
  if (isConnectedAnew) void confirm().catch(onFatal);
  return {
    async end() {
      stopListening();
      service.engine = undefined;
      service.subscribed = false;
      engine.close();
      await connection.close();
      await finder.close();
      await state.close();
    },
  };
}

function refusal(reason: string, message: string, clusters: number): RefusedByMesosError {
  const advice: Record<string, string> = {
    framework_removed:
      clusters > 0
        ? `Its ${clusters} clusters' tasks were killed with it; their volumes are still reserved. See docs/operations.md, "Framework removed".`
        : 'Start again with a new framework id: remove the id from the state, see docs/operations.md, "Framework removed".',
    failed_over: 'Another scheduler uses the same framework id: stop one of them.',
    unauthorized: 'Check --framework_authentication_file and the ACLs of the master.',
    refused: 'Check --framework_role and --framework_user against the flags of the master.',
  };
  return new RefusedByMesosError(reason, message, advice[reason] ?? '');
}

/** Wall time as it was when this leader began, and monotonic from there: a clock that is set must neither end nor stretch a wait. */
function termClock(): Clock {
  const aheadMs = Date.now() - performance.now();
  return { nowMs: () => Math.round(aheadMs + performance.now()) };
}
