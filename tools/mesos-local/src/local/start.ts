import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { AgentHandle, MasterHandle, type ProcessHandle } from './handles.ts';
import { ManagedProcess } from './managed-process.ts';

export interface MasterOptions {
  workDir: string;
  /** `zk://…` to stand for election with others; absent: the only master. */
  zk?: string;
  ip?: string;
  port?: number;
  /** Further `mesos-master` flags. */
  flags?: Record<string, string>;
  logFile?: string;
  /** What the process is started through, such as a network namespace. */
  launcher?: readonly string[];
}

export interface AgentOptions {
  /** `host:port` or `zk://…`. */
  master: string;
  workDir: string;
  ip?: string;
  port?: number;
  hostname?: string;
  resources?: string;
  attributes?: string;
  /** Further `mesos-agent` flags. */
  flags?: Record<string, string>;
  logFile?: string;
  env?: Record<string, string>;
  /** What agent and keeper are started through, such as a network namespace; executors inherit it. */
  launcher?: readonly string[];
}

const LOOPBACK = '127.0.0.1';

/** Starts a master process; resolves when it serves (as leader or standby). */
export async function startMaster(options: MasterOptions): Promise<MasterHandle> {
  const ip = options.ip ?? LOOPBACK;
  const port = options.port ?? (await freePort(ip));
  const adminPort = await freePort(LOOPBACK);
  await mkdir(options.workDir, { recursive: true });
  const process = new ManagedProcess({
    role: 'master',
    logFile: options.logFile ?? join(options.workDir, 'master.log'),
    ...(options.launcher && { launcher: options.launcher }),
    flags: {
      ip,
      port: String(port),
      work_dir: options.workDir,
      admin_port: String(adminPort),
      ...(options.zk !== undefined && { zk: options.zk }),
      ...options.flags,
    },
  });
  return started(new MasterHandle({ process, ip, port, adminPort }));
}

/** Starts an agent process with the keeper of its executors; resolves when it answers (registering comes after). */
export async function startAgent(options: AgentOptions): Promise<AgentHandle> {
  const ip = options.ip ?? LOOPBACK;
  await mkdir(options.workDir, { recursive: true });
  const port = options.port ?? (await usualPort(options.workDir, ip));
  const adminPort = await freePort(LOOPBACK);
  const hostname = options.hostname ?? ip;
  const { workDir } = options;
  const keeper = new ManagedProcess({
    role: 'keeper',
    logFile: join(workDir, 'keeper.log'),
    ...(options.launcher && { launcher: options.launcher }),
    flags: { work_dir: workDir, tied: 'true' },
  });
  const process = new ManagedProcess({
    role: 'agent',
    logFile: options.logFile ?? join(workDir, 'agent.log'),
    ...(options.env && { env: options.env }),
    ...(options.launcher && { launcher: options.launcher }),
    flags: {
      ip,
      port: String(port),
      hostname,
      master: options.master,
      work_dir: workDir,
      kept: 'true',
      fetcher_cache_dir: join(workDir, 'fetch'),
      admin_port: String(adminPort),
      ...(options.resources !== undefined && { resources: options.resources }),
      ...(options.attributes !== undefined && { attributes: options.attributes }),
      ...options.flags,
    },
  });
  return started(new AgentHandle({ process, keeper, ip, port, adminPort, workDir, hostname }));
}

async function started<Handle extends ProcessHandle>(handle: Handle): Promise<Handle> {
  try {
    await handle.start();
    return handle;
  } catch (error) {
    await handle.stop();
    throw error;
  }
}

/** An agent may not come back on another port: it refuses a configuration that differs from its saved one. */
async function usualPort(workDir: string, ip: string): Promise<number> {
  const file = join(workDir, 'port');
  const known = Number(await readFile(file, 'utf8').catch(() => ''));
  if (known > 0) return known;
  const port = await freePort(ip);
  await writeFile(file, String(port));
  return port;
}
