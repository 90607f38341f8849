import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';

const run = promisify(execFile);

const TAR_ENDINGS = ['.tar', '.tar.gz', '.tgz', '.tar.bz2', '.tbz2', '.tar.xz', '.txz'];

/** Whether the fetcher would unpack a file of this name. */
export const isArchive = (name: string): boolean =>
  [...TAR_ENDINGS, '.gz', '.zip'].some((ending) => name.endsWith(ending));

/** Unpacks by the ending of the name; the archive stays where it is. `false`: no ending we know. */
export async function extract(archive: string, into: string): Promise<boolean> {
  if (TAR_ENDINGS.some((ending) => archive.endsWith(ending))) {
    await run('tar', ['-C', into, '-xf', archive]);
  } else if (archive.endsWith('.gz')) {
    const target = join(into, basename(archive, '.gz'));
    await pipeline(createReadStream(archive), createGunzip(), createWriteStream(target));
  } else if (archive.endsWith('.zip')) {
    await run('unzip', ['-o', '-d', into, archive]);
  } else {
    return false;
  }
  return true;
}
