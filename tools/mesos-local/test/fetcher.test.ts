import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FetchCache } from '../src/agent/fetch-cache.ts';
import { fetchAll } from '../src/agent/fetcher.ts';
import type { UriInfo } from '../src/messages.ts';
import { tempDir } from './support/fixtures.ts';

let temp: Awaited<ReturnType<typeof tempDir>>;
let server: Server;
let origin: string;
let asked: string[];
let cache: FetchCache;

beforeEach(async () => {
  temp = await tempDir();
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === '/moved') response.writeHead(302, { Location: '/file' }).end();
    else if (request.url === '/gone') response.writeHead(404).end();
    else
      response.writeHead(200, { 'Content-Length': '5' }).end(request.method === 'HEAD' ? undefined : 'hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cache = new FetchCache(join(temp.path, 'cache'), 12);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await temp.remove();
});

async function fetchInto(name: string, uris: UriInfo[], hadoopClient?: string): Promise<string> {
  const sandbox = join(temp.path, name);
  await mkdir(sandbox);
  const download = { hadoopClient, signal: new AbortController().signal };
  await fetchAll({ uris, sandbox, user: undefined, cache, download });
  return sandbox;
}

it('hands hdfs:// to the configured client', async () => {
  const client = join(temp.path, 'hadoop');
  await writeFile(client, '#!/bin/sh\n[ "$1 $2" = "fs -copyToLocal" ] && echo "$3" > "$4"\n');
  await chmod(client, 0o755);
  const sandbox = await fetchInto('s', [{ value: 'hdfs://nn:8020/pkg/file.txt' }], client);
  expect(await readFile(join(sandbox, 'file.txt'), 'utf8')).toBe('hdfs://nn:8020/pkg/file.txt\n');
});

it('says in stderr of the sandbox which URI failed and why', async () => {
  await expect(fetchInto('s', [{ value: `${origin}/file` }, { value: `${origin}/gone` }])).rejects.toThrow(
    '404',
  );
  expect(await readFile(join(temp.path, 's', 'stderr'), 'utf8')).toMatch(
    /Fetched .*\/file'[\s\S]*Failed .*\/gone'.*404/,
  );
});

it('follows redirects, names files after the first URI and makes executables executable', async () => {
  const sandbox = await fetchInto('s', [{ value: `${origin}/moved`, executable: true }]);
  expect(await readFile(join(sandbox, 'moved'), 'utf8')).toBe('hello');
  expect((await stat(join(sandbox, 'moved'))).mode & 0o777).toBe(0o755);
});

it('asks a server once per URI and makes room for new files', async () => {
  const cached = (path: string) => ({ value: `${origin}${path}`, cache: true });
  await fetchInto('s1', [cached('/a')]);
  await fetchInto('s2', [cached('/a')]);
  expect(asked).toEqual(['HEAD /a', 'GET /a']);
  await fetchInto('s3', [cached('/b'), cached('/c')]);
  expect(await readdir(join(temp.path, 'cache'))).toHaveLength(2);
  await fetchInto('s4', [cached('/a')]);
  expect(asked.filter((line) => line === 'GET /a')).toHaveLength(2);
});

it.each(['/etc/passwd', '../x', 'a/../../x'])('never writes outside the sandbox: %s', async (file) => {
  await expect(fetchInto('s', [{ value: `${origin}/file`, output_file: file }])).rejects.toThrow(
    'URI output file must be within the sandbox directory',
  );
  expect(asked).toEqual([]);
});
