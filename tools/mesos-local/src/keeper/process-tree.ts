import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

interface ProcessRow {
  pid: number;
  parent: number;
  group: number;
  session: number;
}

function readRow(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name stands in parentheses and may contain anything: count from the last one.
    const [, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(parent), group: Number(group), session: Number(session) };
  } catch {
    return undefined; // It ended while we were looking.
  }
}

const pidsNow = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const snapshot = (): ProcessRow[] => pidsNow().flatMap((pid) => readRow(pid) ?? []);

/** The process, its descendants and everybody in a session or group led by one of them. */
export function processTree(root: number): number[] {
  const rows = snapshot();
  const tree = new Set([root]);
  for (let before = 0; before !== tree.size;) {
    before = tree.size;
    for (const row of rows)
      if (tree.has(row.parent) || tree.has(row.group) || tree.has(row.session)) tree.add(row.pid);
  }
  return [...tree].filter((pid) => rows.some((row) => row.pid === pid));
}

/** Sends a signal; `false` when the process is gone. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

const MAX_PASSES = 5;

/** Kills a tree for good: stopped first, so that nobody forks while we go through it. */
export function killTree(root: number): void {
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const tree = processTree(root);
    if (tree.length === 0) return;
    for (const pid of tree) sendSignal(pid, 'SIGSTOP');
    for (const pid of tree) sendSignal(pid, 'SIGKILL');
  }
}

function livesUnder(pid: number, directory: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)) return true;
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`MESOS_SANDBOX=${directory}`);
  } catch {
    return false;
  }
}

/** Processes that escaped their tree (a new session after their parent died) but were started in a sandbox under `directory`. */
export const processesUnder = (directory: string): number[] =>
  pidsNow().filter((pid) => pid !== process.pid && livesUnder(pid, directory));
