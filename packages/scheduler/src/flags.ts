/** The scheduler's flags: read once at the door, all problems reported together, then frozen. */
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { HEARTBEAT_BOUND } from '@cotton/api';
import type { ZkUrl } from '@cotton/zookeeper';
import { readAccessFile, type AccessList } from './http/access-list.ts';
import { readArguments, type FlagProblem } from './flags/arguments.ts';
import { FlagCollector } from './flags/collect.ts';
import { readCredentials, readFile, readKey, type Credentials } from './flags/files.ts';
import { helpText } from './flags/help.ts';
import * as values from './flags/values.ts';

export type { FlagProblem } from './flags/arguments.ts';
export type { Credentials } from './flags/files.ts';
export type { EnvironmentVariable, ExecutorUri } from './flags/values.ts';

/** Durations are in milliseconds. Frozen, except for the bytes of the key. */
export interface SchedulerFlags {
  port: number;
  bind: string;
  /** Host without port; for redirects and the election node. */
  advertise: string;
  /** undefined: access control is off. */
  access: AccessList | undefined;
  /** Paths, because the files are read again when they change. */
  tls: { cert: string; key: string } | undefined;
  /** `host:port`, `http://host:port` or `zk://…`, as `masterFinder` of @cotton/mesos takes it. May hold credentials. */
  mesosMaster: string;
  frameworkUser: string;
  frameworkRole: string;
  frameworkName: string;
  frameworkFailoverTimeoutMs: number;
  credentials: Credentials | undefined;
  executorUri: string;
  executorUris: readonly values.ExecutorUri[];
  executorCmd: string;
  executorEnviron: readonly values.EnvironmentVariable[];
  /** '' when there is none. */
  executorSourcePrefix: string;
  installerArgs: string | undefined;
  zk: ZkUrl;
  zkSessionTimeoutMs: number;
  electionTimeoutMs: number;
  replacementTimeoutMs: number;
  /** Of new clusters that ask for no other. */
  heartbeatBoundMs: number;
  stateStorage: 'zk' | 'local';
  /** Absolute. */
  workDir: string;
  /** Exactly 32 bytes. */
  schedulerKey: Buffer;
  verbose: boolean;
}

export type FlagsOutcome =
  | { kind: 'flags'; flags: Readonly<SchedulerFlags>; warnings: string[] }
  /** Print them all and exit with SCHEDULER_EXIT_CODES.flags. */
  | { kind: 'problems'; problems: FlagProblem[] }
  | { kind: 'help'; text: string };

/** Flags of the original that are accepted, and why nothing comes of them. */
const WITHOUT_EFFECT = [
  ['admin_keypath', 'the administration account of each mysqld gets a new password at every start'],
  ['backup_store_args', 'there are no backups yet'],
] as const;

const SECOND_MS = 1000;
const DAY_MS = 86_400 * SECOND_MS;

/** @param argv without node and script. Reads the files that the flags name. */
export function parseFlags(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FlagsOutcome {
  const given = readArguments(argv, env);
  if (given.help) return { kind: 'help', text: helpText() };
  const collector = new FlagCollector(given);
  const flags: SchedulerFlags = {
    ...readHttpFlags(collector),
    ...readMesosFlags(collector),
    ...readExecutorFlags(collector),
    ...readStateFlags(collector),
    verbose: collector.required('verbose', values.readSwitch),
  };
  reportContradictions(flags, collector);
  if (collector.problems.length > 0) return { kind: 'problems', problems: collector.problems };
  return { kind: 'flags', flags: freeze(flags), warnings: warningsAbout(flags, collector) };
}

function readHttpFlags(collector: FlagCollector) {
  const bind = collector.required('bind', values.readAddress);
  return {
    port: collector.required('port', values.readPort),
    bind,
    advertise: collector.optional('advertise', values.readHost) ?? (isWildcard(bind) ? hostname() : bind),
    access: collector.optional('access_file', readAccessFile),
    tls: readTls(collector),
  };
}

function readTls(collector: FlagCollector): SchedulerFlags['tls'] {
  const cert = collector.optional('tls_cert', values.readText);
  const key = collector.optional('tls_key', values.readText);
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const [given, absent] =
      cert === undefined ? (['tls_key', 'tls_cert'] as const) : (['tls_cert', 'tls_key'] as const);
    collector.report(given, `is given without --${absent}; give both or none.`);
    return undefined;
  }
  const files = { tls_cert: readFile(cert), tls_key: readFile(key) };
  for (const name of ['tls_cert', 'tls_key'] as const) {
    const file = files[name];
    if ('wrong' in file) collector.report(name, file.wrong);
  }
  if ('value' in files.tls_cert && 'value' in files.tls_key)
    checkPair(files.tls_cert.value, files.tls_key.value, collector);
  return { cert, key };
}

function checkPair(cert: Buffer, key: Buffer, collector: FlagCollector): void {
  try {
    createSecureContext({ cert, key });
  } catch {
    collector.report('tls_cert', 'and --tls_key are not a PEM certificate and its private key.');
  }
}

function readMesosFlags(collector: FlagCollector) {
  return {
    mesosMaster: collector.required('mesos_master', values.readMaster),
    frameworkUser: collector.required('framework_user', values.readUser),
    frameworkRole: collector.required('framework_role', values.readRole),
    frameworkName: collector.required('framework_name', values.readDnsLabel),
    // Mesos keeps durations as 64-bit nanoseconds: 292 years at most.
    frameworkFailoverTimeoutMs: collector.required(
      'framework_failover_timeout',
      values.readDuration(SECOND_MS, 36_500 * DAY_MS),
    ),
    credentials: collector.optional('framework_authentication_file', readCredentials),
  };
}

function readExecutorFlags(collector: FlagCollector) {
  // Read so that a wrong value is still reported; nothing uses them.
  for (const [name] of WITHOUT_EFFECT) collector.optional(name, values.readText);
  return {
    executorUri: collector.required('executor_uri', values.readUri),
    executorUris: collector.optional('executor_uris', values.readExecutorUris) ?? [],
    executorCmd: collector.required('executor_cmd', values.readText),
    executorEnviron: collector.optional('executor_environ', values.readEnviron) ?? [],
    executorSourcePrefix: collector.optional('executor_source_prefix', values.readText) ?? '',
    installerArgs: collector.optional('installer_args', values.readText),
  };
}

function readStateFlags(collector: FlagCollector) {
  return {
    zk: collector.required('zk_url', values.readZkUrl),
    zkSessionTimeoutMs: collector.required(
      'zk_session_timeout',
      values.readDuration(SECOND_MS, 300 * SECOND_MS),
    ),
    electionTimeoutMs: collector.required('election_timeout', values.readDuration(SECOND_MS, DAY_MS)),
    replacementTimeoutMs: collector.required(
      'replacement_timeout',
      values.readDuration(SECOND_MS, 365 * DAY_MS),
    ),
    heartbeatBoundMs: collector.required(
      'heartbeat_bound',
      values.readDuration(HEARTBEAT_BOUND.minMs, HEARTBEAT_BOUND.maxMs),
    ),
    stateStorage: collector.required('state_storage', values.readStorage),
    workDir: resolve(collector.optional('work_dir', values.readText) ?? join(tmpdir(), 'cotton')),
    schedulerKey: collector.required('scheduler_keypath', readKey),
  };
}

function reportContradictions(flags: SchedulerFlags, collector: FlagCollector): void {
  const { mesosMaster, zk } = flags;
  if (!zk || !mesosMaster?.startsWith('zk://')) return;
  const master = values.readZkUrl(mesosMaster);
  if ('value' in master && master.value.servers === zk.servers && master.value.path === zk.path)
    collector.report('zk_url', 'is the path of the Mesos masters; give Cotton its own, such as /cotton.');
}

function warningsAbout(flags: SchedulerFlags, collector: FlagCollector): string[] {
  const hasPassword = { zk_url: flags.zk.auth !== undefined, mesos_master: flags.mesosMaster.includes('@') };
  const warnings = (['zk_url', 'mesos_master'] as const)
    .filter((name) => hasPassword[name] && collector.isExposed(name))
    .map(
      (name) =>
        `--${name} holds a password that every user of this machine can see; use COTTON_${name.toUpperCase()} or --${name}=file:///path.`,
    );
  for (const [name, reason] of WITHOUT_EFFECT)
    if (collector.isGiven(name)) warnings.push(`--${name} has no effect: ${reason}.`);
  if (!isLoopback(flags.bind) && !flags.access)
    warnings.push(
      `--bind=${flags.bind} without --access_file: everybody who reaches it may create and resize clusters.`,
    );
  if (!isLoopback(flags.bind) && !flags.tls)
    warnings.push(`--bind=${flags.bind} without --tls_cert: passwords cross the network in clear.`);
  return warnings;
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** Can only this machine reach the address? */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Buffers cannot be frozen. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
