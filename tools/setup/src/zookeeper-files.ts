import { join } from 'node:path';
import { unpackDebs, ownSuite } from './apt.ts';
import { cachedPart } from './cache.ts';
import { SetupError } from './error.ts';
import { ensureJava, type Java } from './java.ts';
import { type Progress, stderrProgress } from './progress.ts';
import { listTree, prune, relinkAbsolute } from './tree.ts';

const RECIPE = 1;

// What a server needs of all that the package depends on: no web server (it is for the admin pages), no test tools.
const PACKAGES =
  /^lib(zookeeper|slf4j|log4j1\.2|commons-cli|dropwizard-metrics|jackson2-[a-z]+|netty|snappy|findbugs-annotations)-java$/;
// One log binding only, or another one than log4j wins.
const JARS =
  /\/(zookeeper|zookeeper-jute|slf4j-api|slf4j-log4j12|log4j-1\.2|commons-cli|metrics-core|jackson-[a-z]+|netty-[a-z-]+|snappy-java|findbugs-annotations)(-\d[^/]*)?\.jar$/;

export interface ZooKeeperFiles {
  java: Java;
  /** For `java -cp`. */
  classPath: string;
}

/** ZooKeeper's jars from the machine's own Debian suite, and a Java to run them; fetched on first use. */
export async function ensureZooKeeper(progress: Progress = stderrProgress): Promise<ZooKeeperFiles> {
  const java = await ensureJava(progress);
  const { dir } = await cachedPart(`zookeeper-r${RECIPE}`, progress, (scratch) =>
    fetchJars(scratch, progress),
  );
  return { java, classPath: join(dir, 'usr/share/java', '*') };
}

async function fetchJars(dir: string, progress: Progress): Promise<Record<string, never>> {
  progress('fetching ZooKeeper (about 10 MB)');
  await unpackDebs(await ownSuite(), ['libzookeeper-java'], (name) => PACKAGES.test(name), dir, progress);
  await relinkAbsolute(dir);
  await prune(dir, (path) => JARS.test(path) || path.endsWith('/copyright'));
  const jars = await listTree(join(dir, 'usr/share/java'));
  if (!jars.includes('zookeeper.jar'))
    throw new SetupError('unpack_failed', 'the package libzookeeper-java has no zookeeper.jar');
  return {};
}
