import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { openUri } from './unpack.ts';

const { signal } = new AbortController();

describe('an address with credentials', () => {
  it('sends them to the server', async () => {
    const server = createServer((request, response) => response.end(request.headers.authorization));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await text(await openUri(`http://me:s%20cret@127.0.0.1:${port}/mysql.tar`, signal));
    server.close();
    expect(answer).toBe(`Basic ${btoa('me:s cret')}`);
  });

  it.each(['secret', 'se@cret'])('tells nobody of %s when nobody answers', async (secret) => {
    const opening = openUri(`http://me:${secret}@127.0.0.1:1/mysql.tar`, signal);
    const error = await opening.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'package_missing' });
    expect(JSON.stringify([String(error), (error as Error).cause])).not.toMatch(/se@?cret/);
  });
});
