/** Who runs in an agent's work directory; found by where processes are, so that no answer of theirs is needed. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface MemberProcesses {
  executors: number[];
  mysqlds: number[];
}

export function processesIn(workDir: string): MemberProcesses {
  const found: MemberProcesses = { executors: [], mysqlds: [] };
  for (const pid of pids()) {
    const facts = factsOf(pid);
    if (!facts?.cwd.startsWith(`${workDir}/`)) continue;
    if (facts.command.includes('--defaults-file=')) found.mysqlds.push(pid);
    // The agent's shell waits beside its executor.
    else if (facts.command.includes('cotton-executor') && !facts.command.startsWith('sh\0'))
      found.executors.push(pid);
  }
  return found;
}

/** @returns whether any of them was there */
export function sendSignal(pids: readonly number[], signal: NodeJS.Signals): boolean {
  let isSent = false;
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
      isSent = true;
    } catch {
      // It has ended, which is all that a signal could have done to it.
    }
  }
  return isSent;
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function factsOf(pid: number): { cwd: string; command: string } | undefined {
  try {
    return { cwd: readlinkSync(`/proc/${pid}/cwd`), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
  } catch {
    return undefined;
  }
}
