import type { CommandInfo } from '@cotton/mesos';
import type { SchedulerFlags } from '../flags.ts';
import type { ExecutorSettings } from '../mesos/task-info.ts';

/** Long enough for an orderly shutdown of InnoDB; Mesos' default of 5 s is not. */
const SHUTDOWN_GRACE_MS = 60_000;

export function executorSettings(flags: SchedulerFlags): ExecutorSettings {
  const { servers, path, auth } = flags.zk;
  return {
    command: commandOf(flags),
    sourcePrefix: flags.executorSourcePrefix || undefined,
    shutdownGraceMs: SHUTDOWN_GRACE_MS,
    zk: { servers, path, ...(auth && { auth }), sessionTimeoutMs: flags.zkSessionTimeoutMs },
    installerArgs: flags.installerArgs,
  };
}

function commandOf(flags: SchedulerFlags): CommandInfo {
  return {
    value: flags.executorCmd,
    shell: true,
    uris: [
      // The executor is one executable file; without `executable` the fetcher would not make it one.
      { value: flags.executorUri, executable: !isArchive(flags.executorUri), cache: true },
      ...flags.executorUris,
    ],
    environment: { variables: flags.executorEnviron.map(({ name, value }) => ({ name, value })) },
    user: flags.frameworkUser,
  };
}

/** "Your Cotton" may come as an archive, which the fetcher extracts. */
function isArchive(uri: string): boolean {
  const [path = ''] = uri.split(/[?#]/);
  return /\.(tar|tgz|tar\.(gz|bz2|xz)|zip)$/.test(path);
}
