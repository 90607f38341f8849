import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalDriver } from '../driver/local-driver.ts';
import { NotRunError } from '../not-run.ts';
import type { Target } from '../target.ts';
import type { Scenario, TraceLine } from '../trace/trace.ts';
import { cleanUp } from './clean-up.ts';
import type { Replay } from './context.ts';
import { unexpectedEvents } from './events.ts';
import { FileServer } from './file-server.ts';
import { Connections } from './http.ts';
import { Identity } from './identity.ts';
import { Outcome } from './outcome.ts';
import { PuppetTheatre } from './puppet.ts';
import { writeFetchedFiles } from './fetched-files.ts';
import { withDecodedEvents } from './protobuf.ts';
import { replayFetcher } from './fetcher.ts';
import { isForRedirect } from './requests.ts';
import { outOfScope } from './scope.ts';
import { play } from './steps.ts';
import { parseStart } from './start-line.ts';
import type { Strain } from './strain.ts';

/** The recorder's file server listened this much above its master. */
const FILE_SERVER_OFFSET = 19;

async function begin(scenario: Scenario, target: Target, strain: Strain): Promise<Replay> {
  const temp = await mkdtemp(join(tmpdir(), 'cotton-contract-files-'));
  await writeFetchedFiles(temp);
  const theatre = new PuppetTheatre();
  const files = new FileServer({
    lines: scenario.lines,
    directory: join(temp, 'served'),
    executor: () => theatre.script(target.advertise),
  });
  const bind = target.advertise === '127.0.0.1' ? '127.0.0.1' : '0.0.0.0';
  await theatre.listen(bind);
  const ids = new Identity();
  const first = scenario.lines.map(({ note }) => parseStart(note ?? '')).find((start) => start !== undefined);
  ids.bindPort(first!.port + FILE_SERVER_OFFSET, await files.listen(bind));
  ids.bindPlace('<TMP>', temp);
  return {
    scenario,
    target,
    driver: target.master ? undefined : await LocalDriver.create(),
    ids,
    outcome: new Outcome(scenario),
    strain,
    connections: new Connections(),
    files,
    theatre,
    temp,
    endpoints: new Map(),
    starting: new Set(),
    addresses: new Map(),
    exchanges: new Map(),
    streams: new Map(),
    puppets: new Map(),
    settledOffers: new Set(),
    line: scenario.lines[0]!,
    actions: [],
    acted: { atMs: performance.now(), recordedMs: scenario.lines[0]!.t_ms, isFault: false },
  };
}

async function end(replay: Replay): Promise<void> {
  for (const stream of replay.streams.values()) stream.cut();
  for (const puppet of replay.puppets.values()) puppet.end('exit 0');
  replay.connections.close();
  if (replay.target.master) await cleanUp(replay);
  await replay.driver?.close();
  replay.files.close();
  replay.theatre.close();
  await rm(replay.temp, { recursive: true, force: true });
}

/** Remarks that tell what was waited for; the wait is in the replay of the remark itself. */
const AWAITED = /answers \/health|exited|^environment$|^(ls|stat|read|wrote) |process exit|more attempts/;
/** An executor's own pauses matter only when they are long. */
const LEAST_PAUSE_MS = 20;
const SHORT_MS = 1000;
const EXECUTOR_PAUSE_MS = 50;

function pauseMs(replay: Replay, line: TraceLine, previous: TraceLine): number {
  if (line.dir === '<' || line.who === 'fileserver' || AWAITED.test(line.note ?? '')) return 0;
  // It was asked again and again before, and is by us.
  if (isForRedirect(replay, line)) return 0;
  const recorded = line.t_ms - previous.t_ms;
  return line.who === 'executor' && recorded < SHORT_MS ? Math.min(recorded, EXECUTOR_PAUSE_MS) : recorded;
}

/** Each line that does not come takes its time. */
const HOPELESS = 20;

async function replayLines(replay: Replay): Promise<void> {
  const { lines } = replay.scenario;
  for (const [index, line] of lines.entries()) {
    if (outOfScope(replay, line)) continue;
    // Before it acts, a replay pauses as long as the recorder did.
    const pause = pauseMs(replay, line, lines[index - 1] ?? line);
    if (pause > LEAST_PAUSE_MS) await sleep(pause);
    replay.line = line;
    await play(replay, line);
    if (replay.outcome.differing >= HOPELESS)
      throw new NotRunError(`given up after ${HOPELESS} lines that differ`);
  }
  unexpectedEvents(replay);
}

/**
 * Replays a recorded scenario against the target: what was sent is sent, what came must come. Never
 * rejects for what a target does; a line that cannot be followed ends the replay, the rest is not run.
 */
export async function replayScenario(scenario: Scenario, target: Target, strain: Strain): Promise<Outcome> {
  const replay = await begin(withDecodedEvents(scenario), target, strain);
  try {
    if (scenario.number === '17') await replayFetcher(replay);
    else await replayLines(replay);
  } catch (error) {
    replay.outcome.notRunWhy = (error as Error).message;
    if (!(error instanceof NotRunError))
      replay.outcome.differs(replay.line.line, [String((error as Error).stack)]);
  } finally {
    await end(replay);
  }
  return replay.outcome;
}
