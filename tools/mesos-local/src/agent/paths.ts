import { join } from 'node:path';

/** The layout of an agent's work directory, as Mesos has it. */
export class AgentPaths {
  readonly workDir: string;

  constructor(workDir: string) {
    this.workDir = workDir;
  }

  get bootId(): string {
    return join(this.workDir, 'meta', 'boot_id');
  }

  /** Dynamic reservations and volumes; they belong to the machine, not to an agent id. */
  get resources(): string {
    return join(this.workDir, 'meta', 'resources', 'resources.info');
  }

  get latestAgent(): string {
    return join(this.workDir, 'meta', 'slaves', 'latest');
  }

  agentMeta(agentId: string): string {
    return join(this.workDir, 'meta', 'slaves', agentId);
  }

  frameworkMeta(agentId: string, frameworkId: string): string {
    return join(this.agentMeta(agentId), 'frameworks', frameworkId);
  }

  executorMeta(agentId: string, frameworkId: string, executorId: string): string {
    return join(this.frameworkMeta(agentId, frameworkId), 'executors', executorId);
  }

  runMeta(agentId: string, frameworkId: string, executorId: string, containerId: string): string {
    return join(this.executorMeta(agentId, frameworkId, executorId), 'runs', containerId);
  }

  taskMeta(run: string, taskId: string): string {
    return join(run, 'tasks', taskId);
  }

  sandbox(agentId: string, frameworkId: string, executorId: string, containerId: string): string {
    return join(
      this.workDir,
      'slaves',
      agentId,
      'frameworks',
      frameworkId,
      'executors',
      executorId,
      'runs',
      containerId,
    );
  }

  volume(role: string, id: string): string {
    return join(this.workDir, 'volumes', 'roles', role.replaceAll('/', ' '), id);
  }
}
