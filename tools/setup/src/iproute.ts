import { execa } from 'execa';
import { join } from 'node:path';
import { ownSuite, unpackDebs } from './apt.ts';
import { cachedPart } from './cache.ts';
import { SetupError } from './error.ts';
import { findOnPath } from './path.ts';
import { type Progress, stderrProgress } from './progress.ts';
import { listTree } from './tree.ts';

const RECIPE = 1;
const TOOLS = ['ip', 'ss'] as const;
/** Debian keeps them where only root's PATH leads. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

export interface Iproute {
  /** Programs that set up and watch networks. */
  ip: string;
  ss: string;
  /** What they need in their environment. */
  env: Record<string, string>;
}

/** The machine's iproute2, otherwise Debian's from the machine's own suite. */
export async function ensureIproute(progress: Progress = stderrProgress): Promise<Iproute> {
  const [ip, ss] = await Promise.all(TOOLS.map(findTool));
  if (ip && ss) return { ip, ss, env: {} };
  const { dir, facts } = await cachedPart(`iproute-r${RECIPE}`, progress, (scratch) =>
    fetchIproute(scratch, progress),
  );
  return iprouteAt(dir, facts);
}

async function findTool(name: string): Promise<string | undefined> {
  for (const folder of SYSTEM_FOLDERS) {
    const file = await findOnPath(name, folder);
    if (file) return file;
  }
  return undefined;
}

interface IprouteFacts {
  ip: string;
  ss: string;
  libraries: string[];
}

async function fetchIproute(dir: string, progress: Progress): Promise<IprouteFacts> {
  progress('fetching iproute2 (about 3 MB)');
  // The machine's own libc serves (it is the same suite).
  const keep = (name: string) => /^(iproute2|lib.*|zlib1g)$/.test(name) && !/^libc6$/.test(name);
  await unpackDebs(await ownSuite(), ['iproute2'], keep, dir, progress);
  const files = await listTree(dir);
  const find = (name: string) => files.find((path) => new RegExp(`(^|/)s?bin/${name}$`).test(path)) ?? '';
  const folders = files.filter((path) => /\.so(\.\d+)*$/.test(path)).map((path) => join(path, '..'));
  const facts = { ip: find('ip'), ss: find('ss'), libraries: [...new Set(folders)] };
  const { ip, env } = iprouteAt(dir, facts);
  const run = await execa(ip, ['-V'], { env, reject: false });
  if (run.failed)
    throw new SetupError('unpack_failed', `the fetched iproute2 does not run here: ${run.stderr}`);
  return facts;
}

function iprouteAt(dir: string, { ip, ss, libraries }: IprouteFacts): Iproute {
  const paths = libraries.map((path) => join(dir, path)).join(':');
  return { ip: join(dir, ip), ss: join(dir, ss), env: { LD_LIBRARY_PATH: paths } };
}
