import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { lockVolume } from './volume-lock.ts';

test('a util-linux that is too old is not taken for a read-only volume', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cotton-lock-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const script = `#!/bin/sh\necho "setpriv: unrecognized option '$1'" >&2\nexit 1\n`;
  await writeFile(join(directory, 'setpriv'), script, { mode: 0o755 });
  vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(lockVolume(directory)).rejects.toMatchObject({
    code: 'volume_unlockable',
    message: expect.stringContaining("unrecognized option '--pdeathsig'"),
  });
});
