/** One task from LAUNCH to its end: brings the instance up, keeps it, and takes it down in the right order. */
import type { TaskData } from '@cotton/core';
import type { Log } from '@cotton/log';
import { planDisk, sampleStatistics } from '@cotton/mysql-ops';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentEnvironment } from './agent-environment.ts';
import { bringUp, prepareData, serverSettings } from './bring-up.ts';
import { ClusterLink, secretsIn } from './cluster-link.ts';
import { Conductor } from './conductor.ts';
import { listSlices } from './errant-slices.ts';
import { ExecutorError } from './error.ts';
import { startHttpServer } from './http-server.ts';
import type { PackageInstaller } from './installer.ts';
import { initialState, type InstanceNames, type InstanceState } from './instance-state.ts';
import { createMetrics } from './metrics.ts';
import { MysqldKeeper } from './mysqld-keeper.ts';
import { obstacleLook } from './obstacles.ts';
import { isHeard } from './pulse.ts';
import { reportOf } from './report.ts';
import { Vitals } from './vitals.ts';

export interface TaskRunOptions {
  task: TaskData;
  environment: AgentEnvironment;
  bootId: string;
  installer: PackageInstaller | undefined;
  /** The task is still starting; for people. */
  onPhase: (phase: string) => void;
  /** mysqld serves, and the instance is joined to its cluster. Called once. */
  onRunning: () => void;
  log: Log;
}

/** Kept back from the time an agent grants for a shutdown: for the update that says we are done. */
const FAREWELL_MS = 1_000;
const SAMPLE_MS = 2_000;
/** Whatever hangs then ends with the process. */
const TAKE_DOWN_MS = 2_000;

export class TaskRun {
  readonly #options: TaskRunOptions;
  readonly #end = new AbortController();
  readonly #state: InstanceState = initialState();
  readonly #names: InstanceNames;
  readonly #conductor: Conductor;
  #keeper: MysqldKeeper | undefined;
  #vitals: Vitals | undefined;
  #link: ClusterLink | undefined;
  #http: Server | undefined;
  #isRunning = false;
  #work: Promise<void> | undefined;

  constructor(options: TaskRunOptions) {
    const { task, bootId, log } = options;
    const { instance, taskId, volumeId, agentId, host: hostname, address, port, httpPort } = task;
    const place = { agentId, hostname, address, port, httpPort, volumeId };
    this.#options = options;
    this.#names = { instance, taskId, place, volumeId, bootId };
    this.#conductor = new Conductor({
      task,
      names: this.#names,
      state: this.#state,
      secretsIn: (control) => secretsIn(control, task),
      publish: (status) => {
        this.#link?.publish(status);
        this.#noteRunning();
      },
      beat: () => this.#vitals?.beat(),
      log,
    });
  }

  /** Works until `stop` or `kill`. @throws why the task failed, after everything was taken down */
  async run(): Promise<void> {
    this.#work = this.#runAll();
    try {
      await this.#work;
    } catch (error) {
      if (this.#end.signal.aborted) return;
      this.#options.log.error({ err: error }, 'the task fails');
      await this.kill();
      throw error;
    }
  }

  /** Ends mysqld in good order within `graceMs`, then everything else. */
  async stop(graceMs: number): Promise<void> {
    this.#end.abort(new Error('the task is ending'));
    const deadlineMs = Math.max(500, graceMs - FAREWELL_MS);
    // A process that cannot even be killed (dead disk) must not keep the news of our end back.
    await this.#keeper?.stopOrderly({ deadlineMs }).catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'mysqld did not end');
    });
    await this.#takeDown();
  }

  /** Ends mysqld at once: somebody else may already be given this volume, or the writes this instance takes. */
  async kill(): Promise<void> {
    this.#end.abort(new Error('the task is being killed'));
    await this.#keeper?.kill();
    await this.#takeDown();
  }

  async #runAll(): Promise<void> {
    const { signal } = this.#end;
    // Independent of each other; the first failure of any of them is the task's.
    await Promise.all([this.#join(), this.#keepMysqld(signal)]);
  }

  async #join(): Promise<void> {
    const { task, onPhase, log } = this.#options;
    const link = await ClusterLink.open({
      task,
      onControl: (control) => this.#conductor.controlChanged(control),
      // A scheduler that reads an old copy of ZooKeeper must learn at once what this member has seen.
      onConnected: () => this.#conductor.publish(),
      onWaiting: (reason) => onPhase(`waits for ZooKeeper: ${reason}`),
      signal: this.#end.signal,
      log,
    });
    if (this.#end.signal.aborted) return link.close();
    this.#link = link;
    this.#conductor.publishAgain();
  }

  async #keepMysqld(signal: AbortSignal): Promise<void> {
    const { task, environment, onPhase, log } = this.#options;
    const ground = await bringUp({ ...this.#options, signal });
    const { installation, volume } = ground;
    // Not before the volume is ours: a former executor that still runs has this port, too.
    await this.#serveHttp();
    const keeper = new MysqldKeeper({
      installation,
      prepareData: () => prepareData(ground, task, signal),
      settings: () =>
        serverSettings(task, environment, ground, Math.max(1, this.#conductor.control?.ackCount ?? 1)),
      onEnd: (end) => this.#conductor.mysqldEnded(end),
      log,
    });
    this.#keeper = keeper;
    const { epoch, epochId, ledEpoch, generation } = ground.epoch;
    const { version } = installation;
    const errant = await listSlices(volume);
    Object.assign(this.#state, { epoch, epochId, ledEpoch, durableGeneration: generation });
    // Control may have been read already, and know more.
    this.#state.generation = Math.max(generation, this.#state.generation);
    Object.assign(this.#state, { version, errant, mysqld: 'down' });
    onPhase('starting mysqld');
    // Without the lock another executor may start a second mysqld on this data.
    const lockLost = ground.lock.ended.then(() => {
      throw new ExecutorError('volume_unusable', 'the lock on it was lost');
    });
    const vitals = this.#watchOver(keeper, volume);
    const work = this.#conductor.run({ keeper, volume }, signal);
    await Promise.race([work, lockLost]).finally(() => vitals.stop());
  }

  #watchOver(keeper: MysqldKeeper, volume: string): Vitals {
    this.#vitals = new Vitals({
      state: this.#state,
      keeper,
      volume,
      keepBytes: planDisk(this.#options.task.size.diskMb).binaryLogsMb * 1024 ** 2,
      boundMs: () => this.#conductor.heartbeatBoundMs,
      generation: () => this.#conductor.generation,
      session: () => this.#link?.state ?? 'connecting',
      publish: () => this.#conductor.publish(),
      log: this.#options.log,
    });
    return this.#vitals;
  }

  async #serveHttp(): Promise<void> {
    const { task, environment } = this.#options;
    const { cluster, instance, httpPort } = task;
    const state = this.#state;
    const metrics = createMetrics({
      state,
      labels: { cluster: cluster.name, instance },
      sample: async () => {
        const admin = this.#keeper?.admin;
        return admin && sampleStatistics(admin, { deadlineMs: SAMPLE_MS }).catch(() => undefined);
      },
    });
    const observed = {
      state,
      metrics,
      mayLead: () => this.#mayLead(),
      report: () => this.#report(),
      obstacles: obstacleLook(() => this.#keeper?.admin),
    };
    this.#http = await startHttpServer(observed, { host: environment.address, port: httpPort });
    this.#noteRunning();
  }

  #mayLead(): boolean {
    const { duty, heartbeatBoundMs } = this.#conductor;
    const { open, pulse } = this.#state;
    if (duty.kind !== 'lead' || duty.epoch !== open?.epoch) return false;
    return isHeard(pulse, open.ackCount, heartbeatBoundMs, performance.now());
  }

  #report(): Promise<Record<string, unknown>> {
    const reported = {
      names: this.#names,
      state: this.#state,
      keeper: this.#keeper,
      conductor: this.#conductor,
    };
    return reportOf({
      ...reported,
      cluster: this.#options.task.cluster,
      zookeeper: this.#link?.state ?? 'connecting',
    });
  }

  #noteRunning(): void {
    if (this.#isRunning || this.#state.mysqld !== 'serving' || !this.#link || !this.#http) return;
    this.#isRunning = true;
    this.#options.onRunning();
  }

  async #takeDown(): Promise<void> {
    this.#http?.close();
    this.#http?.closeAllConnections();
    const all = Promise.allSettled([this.#link?.close(), this.#work]);
    await Promise.race([all, sleep(TAKE_DOWN_MS)]);
  }
}
