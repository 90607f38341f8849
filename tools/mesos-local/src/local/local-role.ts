import type { Flags } from '../flags.ts';
import { BANNER } from '../stand-in.ts';
import { startLocalMesos } from './local-mesos.ts';

/** The `local` role: a whole Mesos until Ctrl-C. */
export async function runLocal(flags: Flags): Promise<void> {
  const zk = flags.optional('zk');
  const resources = flags.optional('resources');
  const mesos = await startLocalMesos({
    workDir: flags.text('work_dir'),
    agents: flags.number('agents', 4),
    masters: flags.number('masters', 1),
    ...(zk !== undefined && { zk }),
    ...(resources !== undefined && { resources }),
  });
  console.log(`${BANNER}\nmaster ${mesos.masterUrl}`);
  for (const agent of mesos.agents) console.log(`agent  ${agent.url}  ${agent.id}`);
  const stop = () => void mesos.stop().then(() => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
}
