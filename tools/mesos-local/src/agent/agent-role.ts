import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { Flags } from '../flags.ts';
import { KeeperClient } from '../keeper/keeper-client.ts';
import { LeaderDetector } from '../leader-detector.ts';
import { entryPoint } from '../processes.ts';
import { BANNER } from '../stand-in.ts';
import { Agent } from './agent.ts';
import { createAgentServer } from './agent-server.ts';
import { agentConfig } from './config.ts';
import { serveAgentAdmin } from './agent-admin.ts';

/** A keeper of its own for an agent that nobody started with one; it lives as long as there is work. */
function startOwnKeeper(workDir: string): void {
  const child = spawn(process.execPath, [...entryPoint(), 'keeper', `--work_dir=${workDir}`], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
}

/** The `agent` process. */
export async function runAgent(flags: Flags): Promise<void> {
  const config = agentConfig(flags);
  mkdirSync(config.workDir, { recursive: true });
  const running = await KeeperClient.connect(config.workDir, 1).catch(() => undefined);
  if (!running && !flags.flag('kept')) startOwnKeeper(config.workDir);
  const keeper = running ?? (await KeeperClient.connect(config.workDir));
  const agent = new Agent(config, keeper, new LeaderDetector(config.master, config.zkSessionTimeoutMs));
  const server = createAgentServer(agent);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.ip, resolve);
  });
  keeper.onLost = () => {
    console.error('the keeper of the executors is gone: this agent stops');
    process.exit(1);
  };
  process.on('SIGUSR1', () => agent.unregister());
  if (config.adminPort !== undefined) await serveAgentAdmin(agent, config.adminPort);
  console.log(`${BANNER}: agent on ${config.ip}:${config.port}, work directory ${config.workDir}`);
  await agent.start();
}
