import { join } from 'node:path';
import { cachedPart, type Part } from './cache.ts';
import { buildFromDebian } from './mysql-debian.ts';
import { buildFromHost, hostMysqld } from './mysql-host.ts';
import { packTree } from './pack.ts';
import { type Progress, stderrProgress } from './progress.ts';

/** Raise when what is built below changes: caches of an older recipe are then built anew. */
const RECIPE = 2;

export interface MysqlFacts {
  version: string;
  /** Name of the packed tree beside it. */
  package: string;
  /** Of the packed tree, in hex. */
  sha256: string;
}

/**
 * The MySQL package tree (a folder with `cotton-mysql.json` at its root), fetched and built on first use.
 * Where a MySQL `mysqld` of 8.4 or later stands on the PATH, the tree is a thin one that runs it.
 */
export async function ensureMysql(
  progress: Progress = stderrProgress,
): Promise<{ root: string; version: string }> {
  const { dir, facts } = await mysqlPart(progress);
  return { root: join(dir, 'tree'), version: facts.version };
}

/** The same tree as one `tar.gz`, with its SHA-256 in hex, as the executor's package installer fetches it. */
export async function ensureMysqlPackage(
  progress: Progress = stderrProgress,
): Promise<{ file: string; sha256: string; version: string }> {
  const { dir, facts } = await mysqlPart(progress);
  return { file: join(dir, facts.package), sha256: facts.sha256, version: facts.version };
}

async function mysqlPart(progress: Progress): Promise<Part<MysqlFacts>> {
  const host = await hostMysqld();
  const name = host ? `mysql-host-${host.version}-r${RECIPE}` : `mysql-r${RECIPE}`;
  return cachedPart(name, progress, async (dir) => {
    const tree = join(dir, 'tree');
    const version = host ? await buildFromHost(host, tree, progress) : await buildFromDebian(tree, progress);
    progress(`packing MySQL ${version}`);
    const file = `mysql-${version}.tar.gz`;
    const sha256 = await packTree(tree, join(dir, file));
    return { version, package: file, sha256 };
  });
}
