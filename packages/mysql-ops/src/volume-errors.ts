import { MysqlOpsError, type MysqlOpsErrorCode } from './error.ts';

const CODES: Record<string, MysqlOpsErrorCode> = {
  EROFS: 'volume_read_only',
  EACCES: 'volume_read_only',
  EPERM: 'volume_read_only',
  ENOSPC: 'volume_full',
  EDQUOT: 'volume_full',
};

/** Turns "no space left" and "read-only file system" into our codes; everything else is rethrown as it is. */
export async function onVolume<T>(volume: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const code = CODES[(cause as NodeJS.ErrnoException).code ?? ''];
    throw code ? new MysqlOpsError(code, volume, { cause }) : cause;
  }
}

/** The same, read off mysqld's error log. */
export function volumeErrorIn(log: string): MysqlOpsErrorCode | undefined {
  if (/No space left on device|errno:? 28\b|Errcode: 28\b|OS errno 28\b|Disk quota exceeded/i.test(log))
    return 'volume_full';
  if (/Read-only file system|errno:? 30\b|Errcode: 30\b/i.test(log)) return 'volume_read_only';
  return undefined;
}
