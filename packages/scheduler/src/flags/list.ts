/** All flags of the scheduler, in the order of `--help`. docs/reference/flags.md lists the same; a test holds them together. */

export interface FlagKind {
  /** What `--help` shows for the value; absent for a switch (`--verbose`, `--no-verbose`). */
  value?: string;
  /** As one would write it; 'required' when there is none. '' means: not set. */
  default: string;
  meaning: string;
  /** The value may be `file:///path`, which stands for what the file holds: for secrets and long JSON. */
  fromFile?: true;
}

export const REQUIRED = 'required';

export const FLAGS = {
  port: { value: 'PORT', default: REQUIRED, meaning: 'Port of the HTTP API and the dashboard.' },
  bind: {
    value: 'ADDRESS',
    default: '127.0.0.1',
    meaning:
      'Address to serve HTTP on. The original served on all; here that has to be said (0.0.0.0), and wants an --access_file.',
  },
  advertise: {
    value: 'HOST',
    default: '',
    meaning:
      'Host name under which others reach this scheduler: standbys redirect to it. Default: --bind, or this machine’s name when that is every address.',
  },
  access_file: {
    value: 'PATH',
    default: '',
    meaning: 'YAML file of tokens and users who may use the API. Without it, access control is off.',
  },
  tls_cert: {
    value: 'PATH',
    default: '',
    meaning: 'PEM certificate chain: serve HTTPS. Read again when it changes. Needs --tls_key.',
  },
  tls_key: { value: 'PATH', default: '', meaning: 'PEM private key of --tls_cert.' },
  mesos_master: {
    value: 'MASTER',
    default: REQUIRED,
    fromFile: true,
    meaning: 'host:port or http://host:port of a Mesos master, or zk://… to find the leading one through.',
  },
  framework_user: {
    value: 'USER',
    default: REQUIRED,
    meaning: 'Unix user that the executors run as. Keep it: the volumes belong to it.',
  },
  framework_role: {
    value: 'ROLE',
    default: 'cotton',
    meaning:
      'Mesos role of the framework. Cotton reserves resources, which the original’s default, "*", does not allow.',
  },
  framework_name: {
    value: 'NAME',
    default: 'cotton',
    meaning: 'Name of the framework in Mesos; a DNS label, because Mesos-DNS makes a domain of it.',
  },
  framework_failover_timeout: {
    value: 'DURATION',
    default: '14d',
    meaning:
      'Mesos kills all tasks when no scheduler has been connected for this long. It should be very high.',
  },
  framework_authentication_file: {
    value: 'PATH',
    default: '',
    meaning: 'YAML file with principal and secret, to authenticate with the Mesos master.',
  },
  executor_uri: { value: 'URI', default: REQUIRED, meaning: 'Where agents fetch the Cotton executor from.' },
  executor_uris: {
    value: 'JSON',
    default: '',
    fromFile: true,
    meaning:
      'More for agents to fetch, such as the MySQL package: a list of {"value", "extract", "executable", "cache", "output_file"}, all but value optional.',
  },
  executor_cmd: {
    value: 'COMMAND',
    default: REQUIRED,
    meaning: 'Shell command that starts the executor in its sandbox.',
  },
  executor_environ: {
    value: 'JSON',
    default: '',
    fromFile: true,
    meaning:
      'Environment of executors and tasks: a list of {"name", "value"}. Mesos shows it to everybody, so no secrets; the fetcher does not see it.',
  },
  executor_source_prefix: {
    value: 'TEXT',
    default: '',
    meaning: 'ExecutorInfo.source becomes <prefix>.<cluster>.<server id>, for tools that group tasks by it.',
  },
  installer_args: {
    value: 'TEXT',
    default: '',
    fromFile: true,
    meaning: 'Handed to the executor’s package installer as it is.',
  },
  backup_store_args: {
    value: 'TEXT',
    default: '',
    fromFile: true,
    meaning:
      'Accepted so that old command lines keep working; it has no effect, because there are no backups yet.',
  },
  admin_keypath: {
    value: 'PATH',
    default: '',
    meaning:
      'Accepted so that old command lines keep working; it has no effect. Each mysqld’s administration account gets a new random password at every start, known to its executor only.',
  },
  zk_url: {
    value: 'URL',
    default: REQUIRED,
    fromFile: true,
    meaning:
      'zk://[user:password@]host:port,…/path: where Cotton keeps election, state, control, status and discovery.',
  },
  zk_session_timeout: {
    value: 'DURATION',
    default: '6secs',
    meaning:
      'ZooKeeper session timeout of scheduler and executors: how long a dead host, or a dead leader, stays unnoticed, plus up to one of ZooKeeper’s ticks (a tickTime of 500 is a good one). ZooKeeper allows 2 to 20 ticks.',
  },
  election_timeout: {
    value: 'DURATION',
    default: '60s',
    meaning:
      'For clusters with the policy unsafe_available: after this long an election goes on without the reports it lacks, which may lose acknowledged writes and is recorded. Elections of lossless clusters (the default) wait as long as it takes; the original never did.',
  },
  replacement_timeout: {
    value: 'DURATION',
    default: '15mins',
    meaning: 'How long an agent may stay away before its instances are seeded again elsewhere.',
  },
  heartbeat_bound: {
    value: 'DURATION',
    default: '3secs',
    meaning:
      'Of new clusters that ask for no other: how long a primary may go without an acknowledged heartbeat before it counts as hung or cut off. A cluster’s durability can change it.',
  },
  state_storage: {
    value: 'zk|local',
    default: 'zk',
    meaning: 'Where the state is kept: under <zk_url>/state, or under <work_dir>/state (no standbys then).',
  },
  work_dir: {
    value: 'PATH',
    default: '<system temporary directory>/cotton',
    meaning: 'Directory for --state_storage=local.',
  },
  scheduler_keypath: {
    value: 'PATH',
    default: REQUIRED,
    meaning: 'File with the key that seals passwords in the state: exactly 32 bytes.',
  },
  verbose: { default: 'no', meaning: 'Log more.' },
} as const satisfies Record<string, FlagKind>;

export type FlagName = keyof typeof FLAGS;

export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

export function kindOf(name: FlagName): FlagKind {
  return FLAGS[name];
}

/** `--zk_url` is also read from `COTTON_ZK_URL`. */
export function environmentName(name: FlagName): string {
  return `COTTON_${name.toUpperCase()}`;
}
