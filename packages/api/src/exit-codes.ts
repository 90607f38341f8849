/** How the scheduler's process ends; docs/reference/errors.md lists the same. */
export const SCHEDULER_EXIT_CODES = {
  ok: { code: 0, meaning: 'Stopped as asked (SIGTERM or SIGINT).' },
  internal: { code: 1, meaning: 'A fault in the scheduler; the log ends with it.' },
  flags: { code: 2, meaning: 'Flags or the files they name are wrong; all problems were printed together.' },
  zookeeper: { code: 3, meaning: 'ZooKeeper could not be reached or refused our credentials at start.' },
  state: {
    code: 4,
    meaning: 'The stored state cannot be read. Nothing was touched; the message names the node.',
  },
  mesos: {
    code: 5,
    meaning: 'The Mesos master refuses this framework: role, credentials, or it was removed.',
  },
  leadership: {
    code: 6,
    meaning:
      'Leadership was lost, or ZooKeeper came back without what was written. Restart it: it comes back as a standby.',
  },
  port: { code: 7, meaning: 'The HTTP port is taken or not ours to bind.' },
} as const;

export type SchedulerExit = keyof typeof SCHEDULER_EXIT_CODES;
