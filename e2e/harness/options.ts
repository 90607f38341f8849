/** What `npm run e2e` was asked for. The runner hands it to the test processes in the environment. */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';

export interface E2eOptions {
  target: 'local' | 'mesos-mini' | 'master';
  /** `host:port`, `http://…` or `zk://…`; only for a Mesos that exists. */
  master?: string;
  role: string;
  /** Unix user of the executors. */
  user: string;
  principal?: string;
  secretFile?: string;
  /** Address that the API, the file server and our ZooKeeper listen on. */
  bind: string;
  /** Host under which agents and clients reach those. */
  advertise: string;
  /** A ZooKeeper that exists, instead of ours. */
  zk?: string;
  /** How to run a shell command on an agent's host, such as `ssh {host}`; the command becomes the last argument. */
  agentShell?: string;
  /** Names of stories; none means all. */
  only: string[];
  /** Leave each story's directory (logs, state) where it is. */
  keep: boolean;
}

export const USAGE = `npm run e2e [-- options]

  --target local|mesos-mini      the local stand-in (default), or Apache Mesos' own image through Docker
  --master http://host:port|zk://…   a Mesos that exists, with
      --role ROLE                role to reserve resources for (default cotton-e2e)
      --user USER                unix user of the executors (default: yours)
      --principal P --secret-file F  to authenticate
      --bind ADDR --advertise HOST   where API, file server and our ZooKeeper listen, and how agents reach them
      --zk zk://…                a ZooKeeper that exists, instead of ours
      --agent-shell 'ssh {host}' how to run commands on agents; without it stories that need that are not run
  --only STORY                   one story (its file's name, or a part of it); may be repeated
  --keep                         keep logs and state of each story
`;

export const OPTIONS_VARIABLE = 'COTTON_E2E';

/** @throws Error with a message for the user; all that is wrong with the options at once */
export function parseOptions(args: string[]): E2eOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      target: text,
      master: text,
      role: text,
      user: text,
      principal: text,
      'secret-file': text,
      bind: text,
      advertise: text,
      zk: text,
      'agent-shell': text,
      only: { type: 'string', multiple: true },
      keep: { type: 'boolean', default: false },
    },
  });
  const target = values.target ?? (values.master === undefined ? 'local' : 'master');
  const problems = problemsOf({ ...values, target });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const bind = values.bind ?? '127.0.0.1';
  return {
    target: target as E2eOptions['target'],
    role: values.role ?? 'cotton-e2e',
    user: values.user ?? userInfo().username,
    bind,
    advertise: values.advertise ?? bind,
    only: values.only ?? [],
    keep: values.keep,
    ...(values.master !== undefined && { master: values.master }),
    ...(values.principal !== undefined && { principal: values.principal }),
    ...(values['secret-file'] !== undefined && { secretFile: values['secret-file'] }),
    ...(values.zk !== undefined && { zk: values.zk }),
    ...(values['agent-shell'] !== undefined && { agentShell: values['agent-shell'] }),
  };
}

function problemsOf(values: Record<string, unknown>): string[] {
  const { target, master, principal, bind, advertise, zk } = values;
  const secretFile = values['secret-file'];
  return [
    ...(['local', 'mesos-mini', 'master'].includes(String(target))
      ? []
      : [`--target ${String(target)}: there are local and mesos-mini`]),
    ...(target === 'master' && master === undefined ? ['--target master needs --master'] : []),
    ...(target !== 'master' && master !== undefined ? ['--master and --target exclude each other'] : []),
    ...((principal === undefined) !== (secretFile === undefined)
      ? ['--principal and --secret-file go together']
      : []),
    ...(bind === '0.0.0.0' && advertise === undefined ? ['--bind 0.0.0.0 needs --advertise HOST'] : []),
    ...(zk !== undefined && !String(zk).startsWith('zk://') ? ['--zk must be a zk://… address'] : []),
  ];
}

/** The options of this run: what the runner passed on, or the defaults when vitest was started directly. */
export function currentOptions(): E2eOptions {
  const passed = process.env[OPTIONS_VARIABLE];
  return passed === undefined ? parseOptions([]) : (JSON.parse(passed) as E2eOptions);
}
