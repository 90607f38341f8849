import { execa } from 'execa';
import { root } from './paths.ts';

const BUILD_LIMIT_MS = 10 * 60_000;

/** The apps; their bundles take the libraries from source. */
const APPS = '@cotton/scheduler,@cotton/executor,@cotton/cli';

/** Builds the bundles and executables of the apps; nx skips what is up to date. @throws with the build's own output */
export async function buildBundles(): Promise<void> {
  const result = await execa('npm', ['run', '--silent', 'build', '--', `--projects=${APPS}`], {
    cwd: root,
    all: true,
    reject: false,
    timeout: BUILD_LIMIT_MS,
  });
  if (result.exitCode !== 0) throw new Error(`the build failed:\n${result.all ?? ''}`);
}
