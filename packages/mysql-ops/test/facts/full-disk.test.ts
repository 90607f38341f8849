/** What MySQL does on a replica whose disk is full: why an executor gives its receiver little time and then kills. */
import { containsGtidText } from '@cotton/core';
import { execa } from 'execa';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyAllReceived,
  follow,
  marker,
  position,
  setAckCount,
  stopReceiving,
  waitForGtid,
} from '../../src/index.ts';
import { cleanUp, Instance, LIMIT, makeRoom } from '../support.ts';

const DISK_MB = 400;
const CHUNK = Buffer.alloc(1 << 20);

describe.skipIf(process.getuid?.() !== 0)(
  'a replica with a full disk (skipped without root: only root can mount a small one)',
  () => {
    let room: string;
    let disk: string;
    let a: Instance, b: Instance;

    beforeAll(async () => {
      room = await makeRoom();
      disk = join(room, 'disk');
      await mkdir(disk);
      await execa('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=755`, 'cotton-test', disk]);
      a = await Instance.boot(room, 1);
      b = await Instance.boot(room, 2, { volume: join(disk, 'demo-2') });
      await a.becomeFirstPrimary();
      await attach();
      await setAckCount(a.admin, 1, LIMIT);
      await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    });
    afterAll(async () => {
      await Promise.all([a, b].filter(Boolean).map(({ server }) => server.kill()));
      await execa('umount', ['--lazy', disk], { reject: false });
      await cleanUp(room, []);
    });

    const attach = async (): Promise<unknown> =>
      follow(b.admin, await a.asSource(), { semiSync: true }, LIMIT);

    async function fill(): Promise<string> {
      const filler = join(disk, 'filler');
      const file = await open(filler, 'w');
      try {
        for (;;) await file.write(CHUNK);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      } finally {
        await file.close();
      }
      return filler;
    }

    test('acknowledges nothing it cannot write; its receiver hangs, and a kill loses nothing', async () => {
      const before = await marker(a.admin, LIMIT);
      const filler = await fill();
      const acknowledged = await lastAcknowledged(before);
      // InnoDB ends mysqld by itself when it cannot make its next redo log, seconds after the disk is full (9.7.4).
      const hasEnded = (error: unknown): undefined =>
        void expect(error).toMatchObject({ code: expect.stringMatching('deadline|unreachable') });
      const stopped = await stopReceiving(b.admin, { deadlineMs: 500 }).then(() => 'stopped', hasEnded);
      expect(stopped).toBeUndefined();
      const held = await position(b.admin, LIMIT).catch(hasEnded);
      if (held) expect(containsGtidText(held.received, acknowledged)).toBe(true);

      await b.server.kill();
      await rm(filler);
      await b.restart();
      await applyAllReceived(b.admin, LIMIT);
      expect(containsGtidText((await position(b.admin, LIMIT)).executed, acknowledged)).toBe(true);
      await attach();
      await waitForGtid(b.admin, await marker(a.admin, LIMIT), LIMIT);
    });

    /** The page that a relay log has begun still takes some. */
    async function lastAcknowledged(before: string): Promise<string> {
      for (let last = before; ;) {
        const next = await marker(a.admin, { deadlineMs: 1_000 }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'deadline' });
        });
        if (next === undefined) return last;
        last = next;
      }
    }
  },
);
