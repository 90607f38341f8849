import { parseArgs } from 'node:util';

export interface StartOptions {
  once: boolean;
  keep: boolean;
  help: boolean;
}

export const USAGE = `npm start [-- options]

Brings up ZooKeeper, a local Mesos (a stand-in: one master, four agents) and the Cotton scheduler on this machine,
creates the three-instance cluster "demo" (unless a kept state has it), and stays up until Ctrl-C.

  --once   run the whole story unattended (create, write, kill the primary, write again, delete) and exit
  --keep   keep the state at exit; the next run with --keep resumes it, one without removes it
  --help   this text
`;

/** @throws TypeError with a message for the user when an option is unknown */
export function parseOptions(args: string[]): StartOptions {
  const { values } = parseArgs({
    args,
    options: {
      once: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}
