import { Flags } from './flags.ts';

type Run = (flags: Flags) => Promise<void>;

/** Each role loads only what it needs: a keeper is small and there is one per agent. */
const ROLES: Record<string, () => Promise<Run>> = {
  master: async () => (await import('./master/master-role.ts')).runMaster,
  agent: async () => (await import('./agent/agent-role.ts')).runAgent,
  keeper: async () => (await import('./keeper/keeper-role.ts')).runKeeper,
  'command-executor': async () => (await import('./agent/command-executor.ts')).runCommandExecutor,
  local: async () => (await import('./local/local-role.ts')).runLocal,
};

const USAGE = `usage: main.ts <role> --flag=value …
  master   the flags of mesos-master
  agent    the flags of mesos-agent
  local    a master and --agents (4) on this machine: --work_dir, --zk, --resources`;

async function main([name = '', ...argv]: string[]): Promise<void> {
  const load = ROLES[name];
  if (!load) throw new Error(USAGE);
  const run = await load();
  await run(new Flags(argv));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exit(1);
});
