/** From a fresh task to a mysqld that can be started: package, volume, data. */
import type { TaskData } from '@cotton/core';
import type { Log } from '@cotton/log';
import {
  type DataDirectory,
  type MysqlInstallation,
  type Owner,
  planMemory,
  prepareDataDirectory,
  type ServerSettings,
  type VolumeLock,
} from '@cotton/mysql-ops';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentEnvironment } from './agent-environment.ts';
import { type EpochRecord, readEpoch } from './epoch-file.ts';
import { ExecutorError } from './error.ts';
import { type InstallContext, installPackage, type PackageInstaller } from './installer.ts';
import { chooseInstaller } from './installers/choose-installer.ts';
import { mysqldUser } from './mysqld-user.ts';
import { volumeIn, waitForVolume } from './volume.ts';

export interface BringUpOptions {
  task: TaskData;
  environment: AgentEnvironment;
  /** Instead of the one that `--installer_args` names. */
  installer: PackageInstaller | undefined;
  /** What it is doing, for people. */
  onPhase: (phase: string) => void;
  signal: AbortSignal;
  log: Log;
}

const PHASES = {
  copying: 'copying the data directory template',
  initialising: 'initialising the data directory',
};

/** Everything a mysqld stands on. */
export interface Ground {
  installation: MysqlInstallation;
  /** Whom mysqld runs as; undefined: as the executor. */
  owner: Owner | undefined;
  lock: VolumeLock;
  volume: string;
  epoch: EpochRecord;
  /** my.cnf texts of the organisation. */
  overlays: string[];
}

/** @throws ExecutorError, MysqlOpsError: what happened and what to do */
export async function bringUp(options: BringUpOptions): Promise<Ground> {
  const { task, environment, onPhase, signal, log } = options;
  const volume = await volumeIn(environment.sandbox, task.volumePath);
  onPhase('installing MySQL');
  const [installation, lock, overlays] = await Promise.all([
    install(options),
    waitForVolume(volume, () => onPhase('waits for a former executor on this volume to end'), signal),
    readOverlays(environment),
  ]);
  const owner = await mysqldUser({ sandbox: environment.sandbox, volume, installation }, log);
  const ground = { installation, owner, lock, volume, epoch: await readEpoch(volume), overlays };
  const { origin } = await prepareData(ground, task, signal, onPhase);
  log.info({ volume, origin, mysqldUid: owner?.uid ?? process.getuid?.() }, 'data directory ready');
  return ground;
}

/** Makes the data directory whole; nothing happens where it is. */
export async function prepareData(
  { volume, installation, owner }: Pick<Ground, 'volume' | 'installation' | 'owner'>,
  task: TaskData,
  signal: AbortSignal,
  onPhase: (phase: string) => void = () => undefined,
): Promise<DataDirectory> {
  return prepareDataDirectory({
    volume,
    installation,
    identity: { clusterUid: task.cluster.uid, instance: task.instance },
    owner,
    signal,
    onPhase: (phase) => onPhase(PHASES[phase]),
  });
}

/** @param bootAckCount what a restarted mysqld waits for until it is told otherwise */
export function serverSettings(
  task: TaskData,
  { address }: AgentEnvironment,
  { overlays }: Ground,
  bootAckCount: number,
): ServerSettings {
  return {
    serverId: task.serverId,
    bindAddress: address,
    port: task.port,
    bootAckCount,
    memory: planMemory({ taskMb: task.size.memMb }),
    diskMb: task.size.diskMb,
    overlays,
  };
}

async function install({
  task,
  environment,
  installer,
  signal,
  log,
}: BringUpOptions): Promise<MysqlInstallation> {
  const context: InstallContext = { args: task.installerArgs, sandbox: environment.sandbox, log, signal };
  return (await installPackage(installer ?? (await chooseInstaller(context)), context)).mysql;
}

async function readOverlays({ defaultsFile, sandbox }: AgentEnvironment): Promise<string[]> {
  if (defaultsFile === undefined) return [];
  const path = resolve(sandbox, defaultsFile);
  try {
    return [await readFile(path, 'utf8')];
  } catch (cause) {
    throw new ExecutorError('bad_environment', `COTTON_DEFAULTS_FILE ${path} cannot be read`, cause);
  }
}
