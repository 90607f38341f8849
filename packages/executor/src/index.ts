export type { Log } from '@cotton/log';
export { EXECUTOR_ERRORS, ExecutorError, type ExecutorErrorCode } from './error.ts';
export type { InstallContext, InstalledPackage, PackageInstaller, PackageReference } from './installer.ts';
export { noopInstaller } from './installers/noop.ts';
export { tarballInstaller } from './installers/tarball.ts';
export { EXIT, runExecutor, type RunExecutorOptions } from './run-executor.ts';
