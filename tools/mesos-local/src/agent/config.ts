import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Flags } from '../flags.ts';
import { readCredentials, type Credential } from '../http/authentication.ts';
import { AGENT_CAPABILITIES } from '../stand-in.ts';
import { parseAttributes, parseResources, type Attribute } from '../resources/parse.ts';
import type { Resource } from '../resources/types.ts';

/** The agent's flags, read once; named and defaulted as Mesos' own. */
export interface AgentConfig {
  ip: string;
  port: number;
  hostname: string;
  master: string;
  zkSessionTimeoutMs: number;
  workDir: string;
  resources: Resource[];
  attributes: Attribute[];
  executorRegistrationTimeoutMs: number;
  executorReregistrationTimeoutMs: number;
  executorShutdownGraceMs: number;
  recoveryTimeoutMs: number;
  registrationBackoffMs: number;
  additiveReconfiguration: boolean;
  fetcherCacheDir: string;
  fetcherCacheBytes: number;
  hadoopClient: string | undefined;
  switchUser: boolean;
  /** Its operator API asks for credentials; the executors' never does. */
  authenticateReadwrite: boolean;
  credentials: Credential[];
  hostileChunks: boolean;
  adminPort: number | undefined;
  flags: Record<string, string>;
}

const DEFAULT_RESOURCES = 'cpus:2;mem:2048;disk:10000;ports:[31000-32000]';

function parseBytes(text: string): number {
  const [, amount, unit] = /^([\d.]+)(B|KB|MB|GB|TB)$/.exec(text) ?? [];
  const power = ['B', 'KB', 'MB', 'GB', 'TB'].indexOf(unit ?? '');
  if (power < 0) throw new Error(`not a size: '${text}' (write 2GB)`);
  return Number(amount) * 1024 ** power;
}

/** Needs a build with SSL, which neither the recorded Mesos nor the stand-in is. */
const UNKNOWN_FLAGS = ['authenticate_http_executors', 'jwt_secret_key'];

const REQUIRED_FEATURES = [...AGENT_CAPABILITIES].filter((name) => name !== 'RESIZE_VOLUME');

function checkFlags(flags: Flags): void {
  const unknown = UNKNOWN_FLAGS.find((name) => flags.has(name));
  if (unknown) throw new Error(`Failed to load unknown flag '${unknown}'`);
  const features = flags.optional('agent_features');
  if (features !== undefined && REQUIRED_FEATURES.some((name) => !features.includes(`"${name}"`)))
    throw new Error(
      `At least the following agent features need to be enabled: ${REQUIRED_FEATURES.join(', ')}`,
    );
}

export function agentConfig(flags: Flags): AgentConfig {
  checkFlags(flags);
  const ip = flags.text('ip', '127.0.0.1');
  const isolation = flags.text('isolation', 'filesystem/posix,posix/cpu,posix/mem');
  const foreign = isolation
    .split(',')
    .find((name) => !/^(posix\/(cpu|mem)|filesystem\/posix|disk\/du)$/.test(name));
  if (foreign) throw new Error(`--isolation: the stand-in has no ${foreign}, only the posix isolators`);
  return {
    ip,
    port: flags.number('port', 5051),
    hostname: flags.text('hostname', ip),
    master: flags.text('master'),
    zkSessionTimeoutMs: flags.durationMs('zk_session_timeout', '10secs'),
    workDir: flags.text('work_dir'),
    resources: parseResources(flags.text('resources', DEFAULT_RESOURCES)),
    attributes: parseAttributes(flags.text('attributes', '')),
    executorRegistrationTimeoutMs: flags.durationMs('executor_registration_timeout', '1mins'),
    executorReregistrationTimeoutMs: flags.durationMs('executor_reregistration_timeout', '2secs'),
    executorShutdownGraceMs: flags.durationMs('executor_shutdown_grace_period', '5secs'),
    recoveryTimeoutMs: flags.durationMs('recovery_timeout', '15mins'),
    registrationBackoffMs: flags.durationMs('registration_backoff_factor', '1secs'),
    additiveReconfiguration: flags.text('reconfiguration_policy', 'equal') === 'additive',
    fetcherCacheDir: flags.text('fetcher_cache_dir', join(tmpdir(), 'cotton-local', 'fetch')),
    fetcherCacheBytes: parseBytes(flags.text('fetcher_cache_size', '2GB')),
    hadoopClient: flags.optional('hadoop_client'),
    authenticateReadwrite: flags.flag('authenticate_http_readwrite'),
    credentials: readCredentials(flags.optional('http_credentials')),
    switchUser: flags.flag('switch_user', true),
    hostileChunks: flags.flag('hostile_chunks'),
    adminPort: flags.has('admin_port') ? flags.number('admin_port') : undefined,
    flags: flags.all(),
  };
}
