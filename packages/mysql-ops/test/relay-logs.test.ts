import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  follow,
  forgetReceived,
  marker,
  position,
  replicaState,
  setReadOnly,
  stopReceiving,
  waitForGtid,
} from '../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from './support.ts';

describe('relay logs that cannot be read', () => {
  let room: string;
  let source: Instance, replica: Instance;
  const inData = (name: string) => join(replica.options.data.path, name);

  beforeAll(async () => {
    room = await makeRoom();
    [source, replica] = await Promise.all([Instance.boot(room, 1), Instance.boot(room, 2)]);
    await source.becomeFirstPrimary();
    await follow(replica.admin, await source.asSource(), { semiSync: false }, LIMIT);
    await waitForGtid(replica.admin, await marker(source.admin, LIMIT), LIMIT);
  });
  afterAll(() => cleanUp(room, [source, replica].filter(Boolean)));

  const damages: [string, () => Promise<unknown>][] = [
    ['have lost their index', () => rm(inData('relay.index'))],
    ['have an index of others', () => writeFile(inData('relay.index'), './relay.000777\n')],
    [
      'are gone',
      async () => {
        const names = (await readdir(inData('.'))).filter((name) => /^relay\.\d+$/.test(name));
        await Promise.all(names.map((name) => rm(inData(name))));
      },
    ],
  ];

  test.each(damages)('when they %s, nothing is followed until they are forgotten', async (_, damage) => {
    await replica.server.kill();
    await damage();
    await replica.restart();
    const { executed } = await position(replica.admin, LIMIT);
    const from = await source.asSource();
    const again = () => follow(replica.admin, from, { semiSync: false }, LIMIT);
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(again()).rejects.toMatchObject({ code: 'relay_logs_unreadable' });
    await stopReceiving(replica.admin, LIMIT);
    await forgetReceived(replica.admin, LIMIT);
    expect(await position(replica.admin, LIMIT)).toMatchObject({ executed, received: '' });
    expect(await again()).toBe('connected');
    await waitForGtid(replica.admin, await marker(source.admin, LIMIT), LIMIT);
  });

  test('they are forgotten while replication runs, and followed anew', async () => {
    await forgetReceived(replica.admin, LIMIT);
    expect(await replicaState(replica.admin, LIMIT)).toMatchObject({
      configured: false,
      receiver: 'stopped',
    });
    await follow(replica.admin, await source.asSource(), { semiSync: false }, LIMIT);
    await waitForGtid(replica.admin, await marker(source.admin, LIMIT), LIMIT);
  });

  test('an open mysqld forgets nothing', async () => {
    await setReadOnly(replica.admin, false, LIMIT);
    await expect(forgetReceived(replica.admin, LIMIT)).rejects.toMatchObject({ code: 'not_read_only' });
    expect((await replicaState(replica.admin, LIMIT)).configured).toBe(true);
  });
});
