export { type CCompiler, ensureCCompiler, ensureTinyC } from './c-compiler.ts';
export { cacheRoot } from './cache.ts';
export { type Chromium, ensureChromium } from './chromium.ts';
export { ensureAll } from './ensure-all.ts';
export { SetupError, type SetupErrorCode } from './error.ts';
export { freePorts } from './free-port.ts';
export { ensureIproute, type Iproute } from './iproute.ts';
export { ensureMysql, ensureMysqlPackage } from './mysql.ts';
export type { MysqlManifest } from './mysql-manifest.ts';
export { type Progress, stderrProgress } from './progress.ts';
export { ensureSpin } from './spin.ts';
export { until, type UntilOptions } from './until.ts';
export { restoreZooKeeper, saveZooKeeper } from './zookeeper-copy.ts';
export { ensureZooKeeper, type ZooKeeperFiles } from './zookeeper-files.ts';
export {
  fourLetterWord,
  startZooKeeper,
  startZooKeeperEnsemble,
  type ZooKeeperOptions,
  type ZooKeeperPlace,
  type ZooKeeperServer,
} from './zookeeper-server.ts';
