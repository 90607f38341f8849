/** Runs this program again inside namespaces of its own, where it is root over networks, mounts and processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execa } from 'execa';

/** Says inside that we are inside. */
const MARK = 'COTTON_CHAOS_ISOLATED';

const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

export function isIsolated(): boolean {
  return process.env[MARK] === '1';
}

/** Why there can be no namespaces here; undefined when there can. */
export async function whyNotIsolated(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'not root';
  const trial = await execa('unshare', [...NAMESPACES, 'nsenter', '--version'], { reject: false });
  return trial.failed ? `unshare does not work here: ${trial.stderr || trial.message}` : undefined;
}

/**
 * The program's exit code. Inside, the end of standard input means: stop. However the outer process ends, everything
 * that was started inside ends with it, because the first process of a pid namespace takes all others along.
 */
export async function runIsolated(argv: readonly string[], signal: AbortSignal): Promise<number> {
  // A shell as first process collects orphans; Node would leave them as zombies.
  const program = [...NAMESPACES, 'sh', '-c', '"$@"; exit $?', 'sh', ...argv];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...program], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, [MARK]: '1' },
    detached: true, // a terminal's Ctrl-C is for us, who pass it on
  });
  child.stdin?.on('error', () => undefined);
  signal.addEventListener('abort', () => child.stdin?.end(), { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Inside: aborts when the outer process wants us to stop, or is gone. */
export function stopWithOuter(stop: AbortController): void {
  process.stdin.resume();
  process.stdin.on('end', () => stop.abort());
  process.stdin.on('error', () => stop.abort());
}
