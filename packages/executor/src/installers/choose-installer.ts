import type { InstallContext, PackageInstaller } from '../installer.ts';
import { parseInstallerArgs } from './installer-args.ts';
import { noopInstaller } from './noop.ts';
import { installerForSandbox } from './sandbox.ts';
import { tarballInstaller } from './tarball.ts';

/** The built-in installer that `--installer_args` asks for. @throws ExecutorError `bad_installer_args` */
export async function chooseInstaller(context: InstallContext): Promise<PackageInstaller> {
  if (context.args === null || context.args.trim() === '') return installerForSandbox(context);
  const args = parseInstallerArgs(context.args);
  return args.installer === 'noop' ? noopInstaller : tarballInstaller(args);
}
