/**
 * Where the suite points, from the environment:
 * `COTTON_CONTRACT_MASTER` `http://host:port` of a running leading master; absent: the suite starts a local
 * Mesos for every scenario. `COTTON_CONTRACT_AGENT` `http://host:port[,http://…]` of its agents, in the order
 * of the recordings' agent-1, agent-2. `COTTON_CONTRACT_ADVERTISE` the host under which agents reach this
 * machine (default 127.0.0.1). `COTTON_CONTRACT_SCENARIOS` `05,06`: only these.
 */
export interface Target {
  master: URL | undefined;
  agents: URL[];
  advertise: string;
  only: string[] | undefined;
}

const list = (value: string | undefined): string[] => (value ?? '').split(',').filter((one) => one !== '');

export function readTarget(environment: NodeJS.ProcessEnv): Target {
  const master = environment.COTTON_CONTRACT_MASTER;
  const agents = list(environment.COTTON_CONTRACT_AGENT);
  if (master && agents.length === 0)
    throw new Error('COTTON_CONTRACT_MASTER needs COTTON_CONTRACT_AGENT=http://host:port too');
  const only = list(environment.COTTON_CONTRACT_SCENARIOS);
  return {
    master: master ? new URL(master) : undefined,
    agents: agents.map((url) => new URL(url)),
    advertise: environment.COTTON_CONTRACT_ADVERTISE ?? '127.0.0.1',
    only: only.length > 0 ? only : undefined,
  };
}
