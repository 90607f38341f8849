export { cacheRoot } from './cache.ts';
export { SetupError, type SetupErrorCode } from './error.ts';
export { ensureMysql, ensureMysqlPackage } from './mysql.ts';
export type { MysqlManifest } from './mysql-manifest.ts';
export { type Progress, stderrProgress } from './progress.ts';
