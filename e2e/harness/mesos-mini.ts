/** Apache Mesos' own image in Docker: a real master and a real agent on this machine. */
import { execa } from 'execa';
import { eventually } from './eventually.ts';
import type { E2eOptions } from './options.ts';

const IMAGE = 'mesos/mesos-mini';
const CONTAINER = 'cotton-e2e-mesos-mini';
const MASTER = '127.0.0.1:5050';
const PULL_LIMIT_MS = 15 * 60_000;

export interface MesosMini {
  /** The options with which the stories reach it, as any other Mesos. */
  options: E2eOptions;
  stop(): Promise<void>;
}

/** @throws Error with a message for the user where there is no Docker */
export async function startMesosMini(options: E2eOptions): Promise<MesosMini> {
  const probe = await execa('docker', ['info'], { reject: false, timeout: 20_000 });
  if (probe.exitCode !== 0)
    throw new Error(
      `--target mesos-mini needs Docker, and none answers here (${firstLine(probe.stderr ?? 'docker cannot be run')})`,
    );
  // In the host's network, so that our loopback addresses mean the same on both sides.
  const args = ['run', '--detach', '--rm', '--privileged', '--network', 'host', '--name', CONTAINER, IMAGE];
  const run = await execa('docker', args, { reject: false, timeout: PULL_LIMIT_MS });
  if (run.exitCode !== 0) throw new Error(`cannot start ${IMAGE}: ${firstLine(run.stderr)}`);
  const stop = async (): Promise<void> => void (await execa('docker', ['rm', '--force', CONTAINER]));
  try {
    await eventually(`the agent of ${IMAGE} is registered`, hasAgent, 120_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    options: {
      ...options,
      master: MASTER,
      user: 'root',
      agentShell: options.agentShell ?? `docker exec ${CONTAINER} sh -c`,
    },
    stop,
  };
}

async function hasAgent(): Promise<void> {
  const answer = await fetch(`http://${MASTER}/slaves`, { signal: AbortSignal.timeout(5_000) });
  const { slaves } = (await answer.json()) as { slaves: unknown[] };
  if (slaves.length === 0) throw new Error('no agent yet');
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
