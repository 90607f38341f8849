/** Small file systems for volumes: so small that they can be filled, and, as images, such that can be frozen. */
import { execa } from 'execa';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiskKind } from './host.ts';

const SIZE = '1200m';
/** They are kept in memory, where there is plenty of it. */
const NEEDED_BYTES = 8 * 2 ** 30;

/** What this machine can do. Root only. */
export async function bestDisks(): Promise<DiskKind> {
  if (freemem() < NEEDED_BYTES) return 'shared';
  const dir = await mkdtemp(join(tmpdir(), 'cotton-chaos-disk-'));
  try {
    const unmount = await mountDisk('image', join(dir, 'trial'));
    await unmount();
    return 'image';
  } catch {
    return 'memory';
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Mounts an empty disk at `dir`, which is made. @returns the way to take it off */
export async function mountDisk(kind: DiskKind, dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true });
  if (kind === 'shared') return async () => undefined;
  if (kind === 'memory') {
    await mountMemory(dir);
    return () => unmount(dir);
  }
  const store = `${dir}.store`;
  await mkdir(store);
  await mountMemory(store);
  try {
    await mountImage(join(store, 'image'), dir);
  } catch (error) {
    await unmount(store);
    throw error;
  }
  return async () => {
    // Nobody could thaw it any more, and whoever waits for it would stay for good.
    await thawDisk(dir);
    await unmount(dir);
    await unmount(store);
  };
}

/** While it is frozen every write waits, and whoever writes cannot even be killed. */
export async function freezeDisk(dir: string): Promise<void> {
  await execa('fsfreeze', ['--freeze', dir]);
}

export async function thawDisk(dir: string): Promise<void> {
  await execa('fsfreeze', ['--unfreeze', dir], { reject: false });
}

async function mountImage(image: string, dir: string): Promise<void> {
  await execa('truncate', ['--size', SIZE, image]);
  await execa('mkfs.ext4', ['-q', '-m', '0', '-E', 'nodiscard', image]);
  // What is freed in there has to be free memory again: four labs that fill their disks took all there was.
  await execa('mount', ['-o', 'loop,discard', image, dir]);
}

async function mountMemory(dir: string): Promise<void> {
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', dir]);
}

/** Lazily: whoever still works there must not keep it. */
async function unmount(dir: string): Promise<void> {
  await execa('umount', ['--lazy', dir]);
}
