/**
 * The command line that runs `program` until it ends or this process does, even by SIGKILL: one left behind would
 * go on writing into a folder whose lock is free again.
 */
export function tied(program: string, args: string[]): [string, string[]] {
  return ['setpriv', ['--pdeathsig', 'KILL', program, ...args]];
}
