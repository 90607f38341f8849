import { setTimeout as sleep } from 'node:timers/promises';
import { NotRunError } from '../not-run.ts';
import type { ProcessDriver } from '../driver/process-driver.ts';
import type { Json, JsonObject, TraceLine } from '../trace/trace.ts';
import { differences } from './compare.ts';
import type { Replay } from './context.ts';
import { acted } from './timing.ts';
import { serving } from './serving.ts';
import { compareZnodes } from './znodes.ts';
import { parseStart, type StartLine } from './start-line.ts';

type Handler = (replay: Replay, line: TraceLine, match: RegExpExecArray) => Promise<string[] | void>;

function driverOf(replay: Replay, why: string): ProcessDriver {
  if (!replay.driver) throw new NotRunError(`needs a process driver (${why})`);
  return replay.driver;
}

/** A remote target must already run with the flags of the recording. */
async function checkRunning(replay: Replay, start: StartLine): Promise<void> {
  const { master, agents } = replay.target;
  const number = Number(start.name.split('-')[1] ?? 1);
  const url = start.role === 'master' ? (number === 1 ? master : undefined) : agents[number - 1];
  if (!url) throw new NotRunError(`needs a process driver (${start.name})`);
  const answer = (await (await fetch(new URL('/state', url))).json()) as { flags: Record<string, string> };
  for (const [flag, value] of Object.entries(start.flags)) {
    if (flag === 'master' || answer.flags[flag] === value) continue;
    throw new NotRunError(
      `needs ${start.role} --${flag}=${value}, the target has ${answer.flags[flag] ?? 'none'}`,
    );
  }
  locate(replay, start, { host: url.hostname, port: Number(url.port) });
  replay.ids.addHost(url.hostname);
  replay.ids.bindPlace(`<WORK_DIR:${start.name}>`, answer.flags.work_dir!);
}

function locate(replay: Replay, start: StartLine, endpoint: { host: string; port: number }): void {
  replay.endpoints.set(start.name, endpoint);
  replay.addresses.set(`127.0.0.1:${start.port}`, endpoint);
  replay.ids.bindPort(start.port, endpoint.port);
}

/** ZooKeeper has no start line of its own: masters and agents name it. */
async function withZooKeeper(replay: Replay, flags: Record<string, string>): Promise<void> {
  const recorded = /zk:\/\/127\.0\.0\.1:(\d+)/.exec(flags.zk ?? flags.master ?? '')?.[1];
  if (!recorded || replay.endpoints.has('zookeeper')) return;
  const endpoint = await driverOf(replay, 'ZooKeeper').startZooKeeper();
  replay.endpoints.set('zookeeper', endpoint);
  replay.ids.bindPort(Number(recorded), endpoint.port);
}

const start: Handler = async (replay, line) => {
  const parsed = parseStart(line.note!)!;
  if (replay.target.master) {
    if (replay.endpoints.has(parsed.name))
      throw new NotRunError(`needs a process driver (restart of ${parsed.name})`);
    return checkRunning(replay, parsed);
  }
  const driver = driverOf(replay, line.note!);
  await withZooKeeper(replay, parsed.flags);
  if (/removed? meta\/slaves\/latest/.test(sectionTitle(replay, line)) && replay.endpoints.has(parsed.name))
    await driver.forgetAgentId(parsed.name);
  if (/boot id changed/.test(sectionTitle(replay, line))) await driver.alterBootId(parsed.name);
  const flags = Object.fromEntries(
    Object.entries(parsed.flags).map(([name, value]) => [name, replay.ids.text(value)]),
  );
  locate(replay, parsed, await driver.start({ name: parsed.name, role: parsed.role, flags }));
  replay.starting.add(replay.endpoints.get(parsed.name)!);
  replay.ids.bindPlace(`<WORK_DIR:${parsed.name}>`, driver.workDir(parsed.name));
  // The recording's first master led; here too it must be there before the others.
  if (parsed.flags.zk && line.line < ELECTION_LINES) await leaderKnown(replay, parsed.name);
};

const ELECTION_LINES = 6;
const LEADER_DEADLINE_MS = 60_000;

async function leaderKnown(replay: Replay, name: string): Promise<void> {
  const { host, port } = replay.endpoints.get(name)!;
  const deadline = Date.now() + LEADER_DEADLINE_MS;
  const status = () =>
    fetch(`http://${host}:${port}/master/redirect`, { redirect: 'manual' }).then(
      (response) => response.status,
      () => 0,
    );
  while ((await status()) !== 307 && Date.now() < deadline) await sleep(20);
}

function sectionTitle(replay: Replay, line: TraceLine): string {
  return replay.scenario.sections.find((section) => section.lines.includes(line))?.title ?? '';
}

const healthy: Handler = async (replay, _line, match) => {
  const status = await serving(replay, replay.endpoints.get(match[1]!)!);
  return status === 200 ? [] : [`/health answers ${status}`];
};

const SETTLE_MS = 300;

const answered = (replay: Replay): Promise<unknown> =>
  Promise.allSettled([...replay.exchanges.values()].map(({ answer }) => answer));

const signal: Handler = async (replay, _line, match) => {
  const [, first, second] = match;
  const [name, sig] = first!.startsWith('SIG') ? [second!, first!] : [first!, second!];
  // What was sent before was answered before: recorders and processes raced, we do not.
  await Promise.race([answered(replay), sleep(SETTLE_MS)]);
  await driverOf(replay, `${sig} to ${name}`).signal(name, sig as NodeJS.Signals);
};

const exited: Handler = async (replay, line, match) => {
  const name = match[1] ?? 'agent-1';
  const exit = await driverOf(replay, `exit of ${name}`).exited(name);
  const { code, signal: sig } = line.exit!;
  return exit.code === code && exit.signal === sig
    ? []
    : [`exit: recorded ${code ?? sig}, got ${exit.code ?? exit.signal}`];
};

const killExecutor: Handler = async (replay, _line, match) => {
  replay.puppets.get(match[1]!)!.end('kill -9 $$');
};

const keptFramework: Handler = async (replay, line) => {
  const { host, port } = replay.endpoints.get('master')!;
  const response = await fetch(`http://${host}:${port}/api/v1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: '{"type":"GET_FRAMEWORKS"}',
  });
  const { get_frameworks: answer } = (await response.json()) as {
    get_frameworks: { frameworks: { framework_info: JsonObject }[] };
  };
  const recorded = line.framework_info as JsonObject;
  const wanted = replay.ids.text((recorded.id as { value: string }).value);
  const kept = answer.frameworks.find(
    ({ framework_info: info }) => (info.id as { value: string }).value === wanted,
  );
  return differences(recorded, kept?.framework_info as Json, replay.ids);
};

const trimmedState: Handler = async (replay, line) => {
  const endpoint = replay.endpoints.get(line.note!.includes('of the agent') ? 'agent-1' : 'master')!;
  const response = await fetch(`http://${endpoint.host}:${endpoint.port}/state`);
  const actual = (await response.json()) as Json;
  return differences(line.state!, actual, replay.ids, { subset: true });
};

const HANDLERS: [RegExp, Handler][] = [
  [/^start \S+: mesos-/, start],
  [/^(\S+) answers \/health with 200$/, healthy],
  [/^send (SIG[A-Z0-9]+) to (\S+)$/, signal],
  [/^(SIGSTOP|SIGCONT) (\S+)$/, signal],
  [/^(\S+) exited(?: \d+ ms after ZooKeeper)?$/, exited],
  [/^(?:agent process|last lines of the agent log)$/, exited],
  [/^(agent-3)$/, exited],
  [/^znodes under/, (replay, line) => compareZnodes(replay, line)],
  [/^SIGKILL the executor process of (\S+)$/, killExecutor],
  [/^GET_FRAMEWORKS: what the master kept/, keptFramework],
  [/^GET \/state/, trimmedState],
  [/^=== ZooKeeper is killed/, async (replay) => driverOf(replay, 'ZooKeeper').killZooKeeper()],
];

/** Does what an operator's remark says was done, or compares what it says was seen. */
export async function operatorNote(replay: Replay, line: TraceLine): Promise<string[] | undefined> {
  for (const [pattern, handler] of HANDLERS) {
    const match = pattern.exec(line.note!);
    if (!match) continue;
    if (/^(start|send|SIG)/.test(line.note!)) acted(replay, line);
    return (await handler(replay, line, match)) ?? undefined;
  }
  return undefined;
}
