import { readFileSync } from 'node:fs';
import { fileOf, type Flags } from '../flags.ts';
import { readCredentials, type Credential } from '../http/authentication.ts';

/** Which principals may do what: the part of Mesos' ACLs the stand-in honours. */
export interface Acl {
  permissive?: boolean;
  [action: string]: unknown;
}

/** The master's flags, read once; named and defaulted as Mesos' own. */
export interface MasterConfig {
  ip: string;
  port: number;
  hostname: string;
  workDir: string;
  zk: string | undefined;
  zkSessionTimeoutMs: number;
  quorum: number;
  roles: string[] | undefined;
  rootSubmissions: boolean;
  authenticateFrameworks: boolean;
  authenticateReadonly: boolean;
  authenticateReadwrite: boolean;
  credentials: Credential[];
  acls: Acl;
  allocationIntervalMs: number;
  agentPingTimeoutMs: number;
  maxAgentPingTimeouts: number;
  agentReregisterTimeoutMs: number;
  offerTimeoutMs: number | undefined;
  minAllocatable: Record<string, number>[];
  hostileChunks: boolean;
  adminPort: number | undefined;
  flags: Record<string, string>;
}

const MIN_ALLOCATABLE = 'cpus:0.01|mem:32';

/** `cpus:0.01|mem:32` as alternatives, each a set of quantities in thousandths. */
export function parseMinAllocatable(text: string): Record<string, number>[] {
  return text
    .split('|')
    .filter((one) => one.trim() !== '')
    .map((one) =>
      Object.fromEntries(
        one.split(';').map((part) => {
          const [name, value] = part.split(':');
          return [name!.trim(), Math.round(Number(value) * 1000)];
        }),
      ),
    );
}

function readAcls(value: string | undefined): Acl {
  if (value === undefined) return {};
  return JSON.parse(value.trim().startsWith('{') ? value : readFileSync(fileOf(value), 'utf8')) as Acl;
}

export function masterConfig(flags: Flags): MasterConfig {
  const ip = flags.text('ip', '127.0.0.1');
  const roles = flags.optional('roles');
  return {
    ip,
    port: flags.number('port', 5050),
    hostname: flags.text('hostname', ip),
    workDir: flags.text('work_dir'),
    zk: flags.optional('zk'),
    zkSessionTimeoutMs: flags.durationMs('zk_session_timeout', '10secs'),
    quorum: flags.number('quorum', 1),
    roles: roles === undefined ? undefined : roles.split(',').map((role) => role.trim()),
    rootSubmissions: flags.flag('root_submissions', true),
    authenticateFrameworks: flags.flag('authenticate_http_frameworks'),
    authenticateReadonly: flags.flag('authenticate_http_readonly'),
    authenticateReadwrite: flags.flag('authenticate_http_readwrite'),
    credentials: readCredentials(flags.optional('credentials')),
    acls: readAcls(flags.optional('acls')),
    allocationIntervalMs: flags.durationMs('allocation_interval', '1secs'),
    agentPingTimeoutMs: flags.durationMs('agent_ping_timeout', '15secs'),
    maxAgentPingTimeouts: flags.number('max_agent_ping_timeouts', 5),
    agentReregisterTimeoutMs: flags.durationMs('agent_reregister_timeout', '10mins'),
    offerTimeoutMs: flags.has('offer_timeout') ? flags.durationMs('offer_timeout', '0ns') : undefined,
    minAllocatable: parseMinAllocatable(flags.text('min_allocatable_resources', MIN_ALLOCATABLE)),
    hostileChunks: flags.flag('hostile_chunks'),
    adminPort: flags.has('admin_port') ? flags.number('admin_port') : undefined,
    flags: flags.all(),
  };
}
