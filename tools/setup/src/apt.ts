import { execa } from 'execa';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AptSource,
  debianCandidates,
  formatSource,
  parseDeb822Sources,
  parseOneLineSources,
} from './apt-sources.ts';
import { cacheRoot } from './cache.ts';
import { SetupError } from './error.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { tied } from './tied.ts';

const CHECK_NETWORK =
  'check the network and the machine\'s apt sources (does "apt-get update" work?), then run the same command again: it resumes';

/**
 * Unpacks the Debian packages `roots` and what they depend on, as far as `keep` wants it by name, from `suite` into
 * `tree`, without root and without touching the system's own package state. `progress` follows the download.
 */
export async function unpackDebs(
  suite: string,
  roots: string[],
  keep: (name: string) => boolean,
  tree: string,
  progress: Progress,
): Promise<void> {
  const work = join(cacheRoot(), `apt-${suite}`);
  // The lock's file stays when `work` goes: somebody may be waiting for it.
  await withLock(`${work}.lock`, progress, async () => {
    const config = await openSuite(work, suite, progress);
    const names = (await closure(config, roots)).filter(keep);
    const debs = join(work, 'debs');
    await download(config, names, debs, progress);
    progress(`unpacking ${names.length} packages`);
    await mkdir(tree, { recursive: true });
    for (const deb of await debsOf(names, debs)) await unpack(join(debs, deb), tree);
    await rm(work, { recursive: true, force: true });
  });
}

/** The suite the machine itself runs, such as `bookworm`. */
export async function ownSuite(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^VERSION_CODENAME=["']?([a-z]+)/m.exec(text)?.[1] ?? 'stable';
}

/** Points a private apt at the first of the machine's sources that turns out to be Debian's; returns its config file. */
async function openSuite(work: string, suite: string, progress: Progress): Promise<string> {
  const architecture = await tool('dpkg', ['--print-architecture']);
  const config = await writePrivateConfig(work);
  const candidates = debianCandidates(await machineSources()).slice(0, 8);
  const failures: string[] = [];
  for (const candidate of candidates) {
    progress(`reading the package index of Debian ${suite}`);
    await writeFile(join(work, 'debian.sources'), formatSource(candidate, suite, architecture));
    const update = await execa(...tied('apt-get', ['-c', config, 'update', '-q']), {
      reject: false,
      all: true,
      env: C_LOCALE,
    });
    if (!update.failed && (await isDebian(work))) return config;
    failures.push(`${candidate.uri}: ${lastLines(update.all, 3) || 'is not a Debian archive'}`);
  }
  const tried = failures.join('\n') || 'no source with the component "main" stands in the apt configuration';
  throw new SetupError(
    'no_mirror',
    `no apt source of this machine serves Debian ${suite}; ${CHECK_NETWORK}\n${tried}`,
  );
}

const C_LOCALE = { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };

/** Everything private: state, cache, sources; none of the machine's hooks, which would touch the system's state. */
async function writePrivateConfig(work: string): Promise<string> {
  for (const dir of ['state/lists/partial', 'cache/archives/partial', 'empty', 'debs']) {
    await mkdir(join(work, dir), { recursive: true });
  }
  await writeFile(join(work, 'status'), '');
  const config = join(work, 'apt.conf');
  const settings = [
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    `Dir::State "${work}/state";`,
    `Dir::State::status "${work}/status";`,
    `Dir::Cache "${work}/cache";`,
    `Dir::Etc::sourcelist "${work}/debian.sources";`,
    `Dir::Etc::sourceparts "${work}/empty";`,
    `Dir::Etc::preferences "${work}/empty/none";`,
    `Dir::Etc::preferencesparts "${work}/empty";`,
    'APT::Sandbox::User "root";', // as root, apt's _apt user could not write here
    'APT::Get::List-Cleanup "true";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";',
  ];
  await writeFile(config, `${settings.join('\n')}\n`);
  return config;
}

async function machineSources(): Promise<AptSource[]> {
  const shell = await tool('apt-config', [
    'shell',
    'LIST',
    'Dir::Etc::sourcelist/f',
    'PARTS',
    'Dir::Etc::sourceparts/d',
  ]);
  const path = (name: string) => new RegExp(`^${name}='(.*)'$`, 'm').exec(shell)?.[1] ?? '';
  const parts = path('PARTS');
  const names = (await readdir(parts).catch(() => [])).sort();
  const files = [path('LIST'), ...names.map((name) => join(parts, name))];
  const parsed = files.map(async (file) => {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (file.endsWith('.sources')) return parseDeb822Sources(text);
    return file.endsWith('.list') ? parseOneLineSources(text) : [];
  });
  return (await Promise.all(parsed)).flat();
}

/** A vendor's repository may have the same suite and component names; only Debian's own says `Origin: Debian`. */
async function isDebian(work: string): Promise<boolean> {
  const lists = join(work, 'state/lists');
  const names = (await readdir(lists)).filter((name) => /_(InRelease|Release)$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(lists, name), 'utf8')));
  return texts.some((text) => /^Origin: Debian$/m.test(text) && /^Label: Debian$/m.test(text));
}

async function closure(config: string, roots: string[]): Promise<string[]> {
  const args = ['-c', config, 'install', '--simulate', '--no-install-recommends', '-y', '-qq', ...roots];
  const result = await execa(...tied('apt-get', args), { reject: false, env: C_LOCALE });
  const names = [...result.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
  if (result.failed || names.length === 0) {
    throw new SetupError(
      'download_failed',
      `apt cannot resolve ${roots.join(' ')}: ${lastLines(result.stderr, 5)}`,
    );
  }
  return names;
}

/** apt checks every file against the signed index, and takes up partly downloaded ones again. */
async function download(config: string, names: string[], debs: string, progress: Progress): Promise<void> {
  progress(`downloading ${names.length} packages`);
  const run = execa(...tied('apt-get', ['-c', config, 'download', '-q', ...names]), {
    cwd: debs,
    all: true,
    reject: false,
    env: C_LOCALE,
  });
  let fetched = 0;
  for await (const line of run.iterable({ from: 'all' })) {
    if (!line.startsWith('Get:')) continue;
    fetched += 1;
    if (fetched % 10 === 0 || fetched === names.length)
      progress(`downloaded ${fetched} of ${names.length} packages`);
  }
  const result = await run;
  if (result.failed) throw new SetupError('download_failed', `${lastLines(result.all, 5)}\n${CHECK_NETWORK}`);
}

async function debsOf(names: string[], debs: string): Promise<string[]> {
  const files = await readdir(debs);
  return names.map((name) => {
    const file = files.find((candidate) => candidate.startsWith(`${name}_`) && candidate.endsWith('.deb'));
    if (!file)
      throw new SetupError('download_failed', `apt did not deliver the package ${name}; ${CHECK_NETWORK}`);
    return file;
  });
}

async function unpack(deb: string, tree: string): Promise<void> {
  const result = await execa(...tied('dpkg', ['-x', deb, tree]), { reject: false });
  if (result.failed)
    throw new SetupError('unpack_failed', `cannot unpack ${deb}: ${result.stderr}; is the disk full?`);
}

async function tool(command: string, args: string[]): Promise<string> {
  const result = await execa(command, args, { reject: false });
  if (!result.failed) return result.stdout;
  throw new SetupError(
    'not_debian',
    `${command} does not run here: this set-up needs Debian's apt (or a MySQL 8.4+ "mysqld" on the PATH instead)`,
    result,
  );
}

function lastLines(text: string | undefined, count: number): string {
  return (text ?? '').trim().split('\n').slice(-count).join('\n');
}
