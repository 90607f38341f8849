/** A client written for the original Cotton (Mysos): form fields, then ZooKeeper, then form fields again. */
import { parseZkUrl, ZooKeeper } from '@cotton/zookeeper';
import { createConnection } from 'mysql2/promise';
import { expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { useStack } from '../harness/use-stack.ts';

const stack = useStack({ local: { agents: 2 } });

interface ServerSetMember {
  serviceEndpoint: { host: string; port: number };
  additionalEndpoints: Record<string, { host: string; port: number }>;
  status: string;
}

it('POST a form, wait for the master in ZooKeeper, connect, DELETE with the password', async () => {
  const created = await sendForm('POST', {
    cluster_user: 'mysos',
    num_nodes: '2',
    size: '{"cpus": 0.4, "mem": "512mb", "disk": "1gb"}',
    backup_id: '',
    cluster_password: '',
  });
  expect(created.status).toBe(200);
  const { cluster_url: url, cluster_password: password } = created.body;
  expect(url).toBe(`${stack().zkUrl}/discover/original`);

  const [master] = await untilMembers(url!, 'master', 1);
  const [slave] = await untilMembers(url!, 'slaves', 1);
  expect(master).toMatchObject({
    status: 'ALIVE',
    additionalEndpoints: { http: { port: expect.any(Number) } },
  });
  expect(slave!.serviceEndpoint).not.toEqual(master!.serviceEndpoint);
  await writeAndRead(master!, slave!, password!);

  const second = await sendForm('POST', { cluster_user: 'mysos' });
  expect(second.status).toBe(409);
  expect((await sendForm('DELETE', { password: 'wrong' })).status).toBe(403);
  const deleted = await sendForm('DELETE', { password: password! });
  expect(deleted).toMatchObject({ status: 200, body: { cluster_url: url } });
  await eventually('the group is gone from ZooKeeper', async () => {
    if ((await childrenOf(url!)) !== undefined) throw new Error('it is there');
  });
  await eventually('the name is free', async () => {
    const { status } = await sendForm('DELETE', { password: password! });
    if (status !== 404) throw new Error(`DELETE answers ${status}`);
  });
});

it('the counters have their old names', async () => {
  const vars = (await (await fetch(`${stack().api}/vars.json`)).json()) as Record<string, number>;
  expect(vars['scheduler.framework_registered'] ?? vars['framework_registered']).toBeTruthy();
  expect(vars['scheduler.cluster_count']).toBe(0);
  expect(vars['scheduler.tasks_launched']).toBeGreaterThanOrEqual(2);
});

async function sendForm(
  method: string,
  fields: Record<string, string>,
): Promise<{ status: number; body: Record<string, string> }> {
  const answer = await fetch(`${stack().api}/clusters/original`, {
    method,
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

/** The members of one group, as the original's client library read them. */
function untilMembers(url: string, group: string, count: number): Promise<ServerSetMember[]> {
  return eventually(
    `${count} in ${group}`,
    async () => {
      const found = await withZooKeeper(url, async (zookeeper, path) => {
        const names = (await zookeeper.children(`${path}/${group}`)) ?? [];
        expect(names.every((name) => name.startsWith('member_'))).toBe(true);
        return Promise.all(names.map((name) => zookeeper.get(`${path}/${group}/${name}`)));
      });
      if (found.length !== count) throw new Error(`${found.length} there`);
      return found.map((node) => JSON.parse(node!.data.toString()) as ServerSetMember);
    },
    150_000,
  );
}

function childrenOf(url: string): Promise<string[] | undefined> {
  return withZooKeeper(url, (zookeeper, path) => zookeeper.children(path));
}

async function withZooKeeper<T>(
  url: string,
  work: (zookeeper: ZooKeeper, path: string) => Promise<T>,
): Promise<T> {
  const { path, ...location } = parseZkUrl(url);
  const zookeeper = await ZooKeeper.connect({ ...location, sessionTimeoutMs: 10_000 });
  try {
    return await work(zookeeper, path);
  } finally {
    await zookeeper.close();
  }
}

async function writeAndRead(
  master: ServerSetMember,
  slave: ServerSetMember,
  password: string,
): Promise<void> {
  const account = { user: 'mysos', password };
  const writer = await createConnection({ ...master.serviceEndpoint, ...account });
  await writer.query('CREATE DATABASE app');
  await writer.end();
  const reader = await createConnection({ ...slave.serviceEndpoint, ...account });
  await eventually('the slave has it', async () => {
    const [rows] = await reader.query("SHOW DATABASES LIKE 'app'");
    if ((rows as unknown[]).length !== 1) throw new Error('not yet');
  });
  await reader.end();
}
