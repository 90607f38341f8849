/** Secrets are known to those who need them, and stand nowhere else. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { MemberProcesses } from '../harness/cluster.ts';
import { processesOf, untilHealthy } from '../harness/cluster.ts';
import { mustSucceed } from '../harness/cli.ts';
import { dumpZooKeeper } from '../harness/leftovers.ts';
import { readAgents, readState, workDirOf } from '../harness/mesos-view.ts';
import { rowsOf, withSql } from '../harness/sql.ts';
import { needs, useStack } from '../harness/use-stack.ts';

const NAME = 'vault';
/** Words that can stand nowhere by chance, and that no encoding has to change. */
const CLUSTER_PASSWORD = 'OpenSesame-7f3a9c41';
const ZK_PASSWORD = 'zkSesame-52be80d6';

const stack = useStack({ zkAuth: `cotton:${ZK_PASSWORD}`, local: { agents: 2 } });
let processes: MemberProcesses[];
let schedulerKey: string;

beforeAll(async () => {
  schedulerKey = await readFile(join(stack().dir, 'scheduler.key'), 'utf8');
  const size = ['--num-nodes', '2', '--cpus', '0.4', '--disk', '1gb'];
  const args = ['create', NAME, '--user', 'tenant', ...size, '--password-file', '-'];
  await mustSucceed(stack().cotton(args, CLUSTER_PASSWORD));
  const { members } = await untilHealthy(stack(), NAME);
  processes = await Promise.all(members.map(processesOf));
}, 170_000);

it('the password does open the cluster, so it is the one to look for', async () => {
  const { cluster_url: url, uid } = await stack().client.get(NAME);
  const cluster = { name: NAME, uid, url, user: 'tenant', password: CLUSTER_PASSWORD };
  const { host, member } = processes[0]!;
  const rows = await withSql({ host, port: member.port! }, cluster, (sql) => rowsOf(sql, 'SELECT 1 AS one'));
  expect(rows).toHaveLength(1);
});

it("not in the scheduler's log", async () => {
  const log = await readFile(join(stack().dir, 'scheduler.log'), 'utf8');
  expect(log).toContain(NAME);
  expect(secretsIn(log)).toEqual([]);
});

it('not in what Mesos shows to everybody', async () => {
  const master = JSON.stringify(await readState(stack()));
  expect(master).toContain(NAME);
  expect(secretsIn(master)).toEqual([]);
  for (const { pid } of await readAgents(stack())) {
    const answer = await fetch(`http://${pid.split('@')[1]}/state`);
    expect(secretsIn(await answer.text())).toEqual([]);
  }
});

it('not in what the API answers', async () => {
  for (const path of ['/clusters', `/clusters/${NAME}`, '/vars.json', '/metrics', '/healthz', '/readyz'])
    expect(secretsIn(await (await fetch(stack().api + path)).text())).toEqual([]);
  for (const { host, member } of processes)
    for (const path of ['/status', '/metrics', '/healthz']) {
      const answer = await fetch(`http://${host}:${member.http_port}${path}`);
      expect(secretsIn(await answer.text())).toEqual([]);
    }
});

it('not in ZooKeeper, and what is there only its owner reads', async () => {
  const nodes = await dumpZooKeeper(stack());
  expect([...nodes.keys()].some((path) => path.includes('/control/'))).toBe(true);
  for (const [path, data] of nodes) expect([path, secretsIn(data.toString('latin1'))]).toEqual([path, []]);
  const stranger = { ...stack(), zkUrl: stack().zkUrl.replace(/\/\/.*@/, '//') };
  await expect(dumpZooKeeper(stranger)).rejects.toMatchObject({ code: 'no_auth' });
});

it('not in arguments or environments of processes', async (context) => {
  await needs(context, stack(), 'agent shell');
  const { shell } = stack().mesos;
  for (const host of new Set(processes.map((one) => one.host))) {
    const pids = processes.filter((one) => one.host === host).map(({ executorPid }) => executorPid);
    const text = await shell!.run(
      host,
      // Also the executor's children, and theirs: mysqld and what runs it.
      `all="${pids.join(' ')}"; for p in $all; do kids=$(cat /proc/$p/task/*/children); all="$all $kids"; done;` +
        ` for p in $all; do tr '\\0' ' ' < /proc/$p/cmdline; tr '\\0' ' ' < /proc/$p/environ; done`,
    );
    expect(text).toContain('mysqld');
    expect(text).toContain('MESOS_DIRECTORY');
    expect(secretsIn(text)).toEqual([]);
  }
  const args = await readFile(`/proc/${stack().scheduler.pid}/cmdline`, 'utf8');
  expect(args).toContain('--zk_url');
  expect(secretsIn(args)).toEqual([]);
});

it('not in files of the sandboxes and volumes', async (context) => {
  await needs(context, stack(), 'agent shell');
  for (const agent of await readAgents(stack())) {
    const workDir = await workDirOf(stack(), agent);
    const patterns = secrets()
      .map(({ text }) => `-e '${text}'`)
      .join(' ');
    // Everything but Mesos' own checkpoints, which hold the task as it was sent and are root's alone.
    const find = `find '${workDir}' -path '${workDir}/meta' -prune -o -type f -size -64M -print0`;
    const found = await stack().mesos.shell!.run(
      agent.hostname,
      `${find} | xargs -0 grep -l -a -F ${patterns}; true`,
    );
    expect(found.split('\n').filter(Boolean)).toEqual([]);
    const seen = await stack().mesos.shell!.run(agent.hostname, `${find} | tr '\\0' '\\n' | wc -l`);
    expect(Number(seen)).toBeGreaterThan(10);
  }
});

it('the file in which the CLI keeps the password is for its owner only', async () => {
  const file = join(stack().dir, 'config/cotton/credentials.json');
  expect(await readFile(file, 'utf8')).toContain(CLUSTER_PASSWORD);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

function secrets(): { name: string; text: string }[] {
  const plain = {
    'the password': CLUSTER_PASSWORD,
    "ZooKeeper's password": ZK_PASSWORD,
    'the key': schedulerKey,
  };
  return Object.entries(plain).flatMap(([name, text]) => [
    { name, text },
    { name: `${name} in base64`, text: Buffer.from(text).toString('base64').replace(/=+$/, '') },
  ]);
}

function secretsIn(text: string): string[] {
  return secrets()
    .filter((secret) => text.includes(secret.text))
    .map(({ name }) => name);
}
