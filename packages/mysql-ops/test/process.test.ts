import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockVolume } from '../src/index.ts';
import { makeRoom } from './support.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** What must end with the executor, and what must not start twice. */
describe('the process of an instance', () => {
  let room: string;
  const parents: ChildProcess[] = [];

  beforeAll(async () => {
    room = await makeRoom();
  });
  afterAll(async () => {
    for (const parent of parents) parent.kill('SIGKILL');
    await rm(room, { recursive: true, force: true, maxRetries: 5 });
  });

  async function parentOf(
    name: string,
    uid = '',
  ): Promise<{ parent: ChildProcess; pid: number; volume: string }> {
    const script = join(import.meta.dirname, 'doomed-parent.ts');
    const own = join(room, name);
    await mkdir(join(own, 'demo-1'), { recursive: true });
    if (uid !== '') await chown(join(own, 'demo-1'), Number(uid), Number(uid));
    const args = ['--conditions=@cotton/source', script, own, uid];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    parents.push(parent);
    if (!parent.stdout) throw new Error('no output');
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    return { parent, ...(JSON.parse(line) as { pid: number; volume: string }) };
  }

  async function expectDeathWithParent(parent: ChildProcess, pid: number): Promise<void> {
    expect(await isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5000, interval: 20 }).toBe(false);
  }

  test('mysqld dies with a killed executor, and the volume is free again', async () => {
    const { parent, pid, volume } = await parentOf('plain');
    await expect(lockVolume(volume)).rejects.toMatchObject({ code: 'volume_in_use' });
    await expectDeathWithParent(parent, pid);
    const lock = await lockUntilFree(volume);
    await lock.release();
  });

  test('it also does where root dropped its privileges', async ({ skip }) => {
    skip(!isRoot, 'only root has privileges to drop');
    const { parent, pid } = await parentOf('dropped', `${NOBODY}`);
    expect(await readFile(`/proc/${pid}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\s+${NOBODY}\\s+${NOBODY}\\s`, 'm'),
    );
    await expectDeathWithParent(parent, pid);
  });

  test('root may be named as the user to run as', async ({ skip }) => {
    skip(!isRoot, 'only root can run as root');
    const { parent, pid } = await parentOf('as-root', '0');
    await expectDeathWithParent(parent, pid);
  });

  async function lockUntilFree(volume: string) {
    await expect
      .poll(() =>
        lockVolume(volume)
          .then((lock) => lock.release())
          .then(
            () => true,
            () => false,
          ),
      )
      .toBe(true);
    return lockVolume(volume);
  }
});

/** A zombie is dead. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State: X');
  return !/^State:\s+[ZX]/m.test(status);
}
