import { chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Resource } from '../resources/types.ts';
import { isVolume, reservationRole } from '../resources/resource-list.ts';
import type { AgentPaths } from './paths.ts';
import { canSwitchUser, findUser, type User } from './users.ts';

/** The executor's directory could not be made; the message reaches the scheduler. */
export class SandboxError extends Error {}

/** The user to run as; `undefined` when that is the agent's own and nothing has to change hands. */
export function resolveUser(name: string | undefined, sandbox: string): User | undefined {
  if (name === undefined || !canSwitchUser()) return undefined;
  const user = findUser(name);
  if (user) return user;
  throw new SandboxError(
    `Failed to create executor directory '${sandbox}': Failed to chown directory to '${name}': No such user '${name}'`,
  );
}

/** Makes the sandbox, closed to others, with empty `stdout` and `stderr` and points `latest` at it. */
export function createSandbox(sandbox: string, user: User | undefined): void {
  mkdirSync(dirname(sandbox), { recursive: true, mode: 0o755 });
  mkdirSync(sandbox, { mode: 0o750 });
  const latest = join(dirname(sandbox), 'latest');
  rmSync(latest, { force: true });
  symlinkSync(sandbox, latest);
  const files = ['stdout', 'stderr'].map((name) => join(sandbox, name));
  for (const file of files) writeFileSync(file, '', { mode: 0o644 });
  if (user) for (const path of [sandbox, ...files]) chownSync(path, user.uid, user.gid);
}

/**
 * Links persistent volumes into the sandbox. A container path with a slash is skipped without a word, as
 * both filesystem isolators of Mesos do. The directory is given to the user of its first executor, and
 * only the directory: whatever is inside keeps its owner.
 */
export function linkVolumes(
  paths: AgentPaths,
  sandbox: string,
  resources: Resource[],
  user: User | undefined,
): void {
  for (const resource of resources.filter(isVolume)) {
    const containerPath = resource.disk!.volume!.container_path;
    if (containerPath.includes('/')) continue;
    const directory = paths.volume(reservationRole(resource), resource.disk!.persistence!.id);
    if (user && user.uid !== 0) chownSync(directory, user.uid, user.gid);
    const link = join(sandbox, containerPath);
    rmSync(link, { force: true });
    symlinkSync(directory, link);
  }
}
