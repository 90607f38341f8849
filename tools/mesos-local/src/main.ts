import { runAgent } from './agent/agent-role.ts';
import { Flags } from './flags.ts';
import { runKeeper } from './keeper/keeper-role.ts';
import { runMaster } from './master/master-role.ts';

const ROLES: Record<string, (flags: Flags) => Promise<void>> = {
  master: runMaster,
  agent: runAgent,
  keeper: runKeeper,
};

const USAGE = 'usage: main.ts master|agent --flag=value … (the flags of mesos-master and mesos-agent)';

async function main([name = '', ...argv]: string[]): Promise<void> {
  const role = ROLES[name];
  if (!role) throw new Error(USAGE);
  await role(new Flags(argv));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exit(1);
});
