import type { Admin } from './admin.ts';
import type { Limit } from './limit.ts';
import { logFiles, oldestToKeep, totalBytes } from './log-files.ts';

/** What all binary logs together take, in bytes. */
export async function binaryLogBytes(admin: Admin): Promise<number> {
  return totalBytes(await logFiles(admin.dataDirectory, 'binlog'));
}

/**
 * Throws the oldest binary logs away until they take no more than `keepBytes`; returns how much that has freed. The last
 * two stay in any case. Writes nothing, so it may be done on a closed instance. MySQL keeps what somebody is just
 * reading, with all that is newer, and waits for nobody; but like everything it waits for room on a full disk.
 * @throws MysqlOpsError `statement_failed`: somebody holds a LOCK INSTANCE FOR BACKUP
 */
export async function purgeBinaryLogs(admin: Admin, keepBytes: number, limit: Limit): Promise<number> {
  const files = await logFiles(admin.dataDirectory, 'binlog');
  const oldest = oldestToKeep(files, keepBytes);
  if (oldest === undefined) return 0;
  await admin.on('upkeep', limit, (session) => session.run('PURGE BINARY LOGS TO ?', [oldest], limit));
  const left = new Set((await logFiles(admin.dataDirectory, 'binlog')).map(({ name }) => name));
  return totalBytes(files.filter(({ name }) => !left.has(name)));
}
