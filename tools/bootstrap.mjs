#!/usr/bin/env node
// What every npm script runs first. It is run by the machine's own Node (20 or later) on a fresh clone, so it uses
// nothing but Node built-ins: it installs the dependencies when they are missing or stale, then hands over to Node 24.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules/.bin');
const node = join(bin, 'node');
const stamp = join(root, 'node_modules/.cotton-installed');

const tool = (entry) => [[node, '--conditions=@cotton/source', join(root, entry)]];

/** The command lines behind each npm script; all are run, and the worst exit code is the answer. */
const COMMANDS = {
  start: tool('tools/start/src/main.ts'),
  test: tool('tools/test/src/main.ts'),
  e2e: tool('e2e/main.ts'),
  contract: [[node, join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'contract']],
  bench: tool('tools/bench/src/main.ts'),
  model: tool('tools/model/src/main.ts'),
  chaos: tool('tools/chaos/src/main.ts'),
  simulate: tool('tools/simulate/src/main.ts'),
  setup: tool('tools/setup/src/main.ts'),
  build: [[join(bin, 'nx'), 'run-many', '--targets=build']],
  lint: [
    [join(bin, 'nx'), 'graph', '--file=.nx/graph.json'], // without it the rule on module boundaries skips itself
    [join(bin, 'tsc'), '-p', 'tsconfig.json'],
    [join(bin, 'eslint'), '.'],
    [join(bin, 'prettier'), '--check', '--log-level=warn', '.'],
  ],
  format: [[join(bin, 'prettier'), '--write', '.']],
};

const SAME_CTRL_C_MS = 300;

const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  // Nx must neither leave a daemon behind nor report to anyone.
  NX_DAEMON: 'false',
  NX_ISOLATE_PLUGINS: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
  DO_NOT_TRACK: '1',
};

process.exitCode = await main(process.argv.slice(2));

async function main([command, ...args]) {
  if (command === 'install') return isInstalled() ? 0 : npmCi();
  if (!Object.hasOwn(COMMANDS, command)) {
    console.error(`usage: node tools/bootstrap.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
    return 2;
  }
  if (!isInstalled()) {
    const code = await installOnce();
    if (code !== 0) return code;
  }
  const codes = [];
  for (const line of COMMANDS[command]) codes.push(await run([...line, ...args]));
  return Math.max(...codes);
}

/**
 * Whether what stands in node_modules is what package-lock.json asks for: by the stamp of our last `npm ci`, or, where
 * a developer ran `npm install`, by npm's own record, which it writes last of all.
 */
function isInstalled() {
  if (!existsSync(node)) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true;
  const wanted = lockedVersions('package-lock.json');
  const present = lockedVersions('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, entry]) => {
    const found = present[path];
    return found ? found.version === entry.version : path === '' || entry.optional === true;
  });
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function lockedVersions(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** Two commands may start at once in one clone: the second waits, and finds everything installed. */
async function installOnce() {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const self = [process.execPath, fileURLToPath(import.meta.url), 'install'];
  const hasFlock = spawnSync('flock', ['--version']).status === 0;
  return run(hasFlock ? ['flock', '--no-fork', join(root, '.cache/npm-ci.lock'), ...self] : self);
}

async function npmCi() {
  console.error('Installing dependencies with npm ci (about a minute the first time) …');
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const heartbeat = setInterval(() => console.error(`  still installing, ${seconds()}`), 15_000);
  const npm = /npm-cli\.js$/.test(process.env.npm_execpath ?? '')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  const code = await run([...npm, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  clearInterval(heartbeat);
  if (code === 0) writeFileSync(stamp, lockHash());
  if (code === 0 && isInstalled()) console.error(`Dependencies installed in ${seconds()}.`);
  else
    console.error(
      'npm ci did not succeed: see its message above; check the network, then run the same command again.',
    );
  return code || (isInstalled() ? 0 : 1);
}

/**
 * Runs one command line to its end and returns its exit code. The child has its own session: a terminal's Ctrl-C comes
 * to us twice (from the terminal and from npm), and must reach the child once. It ends with us even if we are killed.
 */
function run([file, ...args]) {
  const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0;
  const [command, ...rest] = hasSetpriv ? ['setpriv', '--pdeathsig', 'TERM', file, ...args] : [file, ...args];
  return new Promise((resolve) => {
    const child = spawn(command, rest, { cwd: root, env: environment, stdio: 'inherit', detached: true });
    const stopForwarding = forwardSignals(child);
    child.on('error', (error) => {
      stopForwarding();
      console.error(`cannot run ${file}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => {
      stopForwarding();
      resolve(signal ? 128 + constants.signals[signal] : code);
    });
  });
}

function forwardSignals(child) {
  let last = 0;
  const forward = (signal) => {
    const now = Date.now();
    if (now - last < SAME_CTRL_C_MS) return;
    last = now;
    child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}
