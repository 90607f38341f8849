import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lockVolume } from '@cotton/mysql-ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from './cluster.ts';

const run = promisify(execFile);

describe('starts that cannot succeed say why', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await TestCluster.start();
  });
  afterAll(() => cluster.stop());

  const tarball = (args: Record<string, string>) => JSON.stringify({ installer: 'tarball', ...args });

  it('a package that is not there', async () => {
    const instance = await cluster.addInstance({ installerArgs: tarball({ uri: '/nowhere/mysql.tar.gz' }) });
    instance.run();
    const { message } = await instance.agent.waitFor('TASK_FAILED');
    expect(message).toContain('the MySQL package could not be fetched');
    expect(message).toContain('/nowhere/mysql.tar.gz');
    expect(await instance.exited()).toBe(1);
  });

  it('a package with another checksum', async () => {
    const file = join(cluster.directory, 'mysql-1.tar.gz');
    await run('tar', ['-C', import.meta.dirname, '-czf', file, 'mysql.ts']);
    const cache = join(cluster.directory, 'cache');
    const args = tarball({ uri: `file://${file}`, sha256: 'a'.repeat(64), cache });
    const instance = await cluster.addInstance({ installerArgs: args });
    instance.run();
    const { message } = await instance.agent.waitFor('TASK_FAILED');
    expect(message).toMatch(/not what it should be.*SHA-256 [0-9a-f]{64}, expected a{64}/);
  });

  it('installer arguments that make no sense', async () => {
    const instance = await cluster.addInstance({ installerArgs: '{"installer":"magic"}' });
    instance.run();
    expect((await instance.agent.waitFor('TASK_FAILED')).message).toContain('"installer" must be');
  });

  it('a my.cnf that mysqld refuses: the end of its error log is in the message', async () => {
    const instance = await cluster.addInstance();
    const defaults = join(cluster.directory, 'my.cnf');
    await writeFile(defaults, '[mysqld]\nno_such_setting = 1\n');
    instance.run({ COTTON_DEFAULTS_FILE: defaults });
    const { message } = await instance.agent.waitFor('TASK_FAILED', 60_000);
    expect(message).toContain("unknown variable 'no_such_setting=1'");
    expect(message!.length).toBeLessThanOrEqual(1_000);
  });

  it('a my.cnf that names what Cotton owns', async () => {
    const instance = await cluster.addInstance();
    const defaults = join(cluster.directory, 'my.cnf');
    await writeFile(defaults, '[mysqld]\nsync_binlog = 0\n');
    instance.run({ COTTON_DEFAULTS_FILE: defaults });
    expect((await instance.agent.waitFor('TASK_FAILED')).message).toContain('line 2, sync_binlog');
  });

  it('a MySQL port that is taken', async () => {
    const instance = await cluster.addInstance();
    const squatter = createServer().listen(instance.task.port, '127.0.0.1');
    await once(squatter, 'listening');
    instance.run();
    const { message } = await instance.agent.waitFor('TASK_FAILED');
    squatter.close();
    expect(message).toContain(`mysqld cannot listen on 127.0.0.1:${instance.task.port}`);
  });

  it('an HTTP port that is taken', async () => {
    const instance = await cluster.addInstance();
    const squatter = createServer().listen(instance.task.httpPort, '127.0.0.1');
    await once(squatter, 'listening');
    instance.run();
    const { message } = await instance.agent.waitFor('TASK_FAILED');
    squatter.close();
    expect(message).toContain('a port of this task is in use');
  });

  it('a task with too little memory', async () => {
    const instance = await cluster.addInstance({ size: { cpus: 1, memMb: 128, diskMb: 1024 } });
    instance.run();
    expect((await instance.agent.waitFor('TASK_FAILED')).message).toContain('less memory');
  });

  it('no volume', async () => {
    const instance = await cluster.addInstance({ volumePath: 'data' });
    await rm(instance.volume, { recursive: true });
    instance.run();
    expect((await instance.agent.waitFor('TASK_FAILED')).message).toContain('no persistent volume');
  });

  it("another cluster's volume", async () => {
    const instance = await cluster.addInstance();
    const identity = { format: 1, clusterUid: 'ffffffffffff', instance: 'demo-0' };
    await writeFile(join(instance.volume, 'identity.json'), JSON.stringify(identity));
    instance.run();
    expect((await instance.agent.waitFor('TASK_FAILED')).message).toContain('another cluster');
  });

  it('a damaged epoch file', async () => {
    const instance = await cluster.addInstance();
    await writeFile(join(instance.volume, 'cotton-epoch.json'), '{"format":1}');
    instance.run();
    expect((await instance.agent.waitFor('TASK_FAILED')).message).toContain('epoch file');
  });

  it('waits for a former executor on the volume, and says so', async () => {
    const instance = await cluster.addInstance();
    const former = await lockVolume(instance.volume);
    instance.run();
    await expect
      .poll(() => instance.agent.updates.map((u) => u.message), { timeout: 10_000 })
      .toContain('waits for a former executor on this volume to end');
    await former.release();
    await instance.agent.waitFor('TASK_RUNNING');
    const pid = await instance.mysqldPid();
    process.kill(instance.pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
