import { ensureMysql } from './mysql.ts';
import { type Progress, stderrProgress } from './progress.ts';
import { ensureZooKeeper } from './zookeeper-files.ts';

/** Fetches everything that is not there yet. The parts download side by side; the first failure ends it. */
export async function ensureAll(progress: Progress = stderrProgress): Promise<void> {
  const about = (part: string) => (line: string) => progress(`${part}: ${line}`);
  await Promise.all([ensureMysql(about('MySQL')), ensureZooKeeper(about('ZooKeeper'))]);
}
