import type { JsonObject, TraceLine } from '../trace/trace.ts';
import type { Replay } from './context.ts';
import { EventStream } from './event-stream.ts';
import { decoderFor } from './requests.ts';
import { play } from './steps.ts';
import { within } from './timing.ts';
import { changeServedFile } from './fetched-files.ts';

const OFFER_DEADLINE_MS = 30_000;
const LAUNCH_DEADLINE_MS = 30_000;
const STREAM = 'scheduler-1';
const STREAM_ID = 'mesos-stream-id';

interface AcceptCall {
  framework_id: { value: string };
  accept: {
    offer_ids: { value: string }[];
    operations: {
      launch: { task_infos: { agent_id: { value: string }; executor: { executor_id: { value: string } } }[] };
    }[];
  };
}

/** The framework whose subscription scenario 17 leaves out: only what concerns the fetcher was kept. */
async function subscribe(replay: Replay, first: TraceLine): Promise<EventStream> {
  const call = {
    type: 'SUBSCRIBE',
    subscribe: {
      framework_info: {
        user: 'root',
        name: 'recorder',
        roles: ['eng'],
        checkpoint: true,
        failover_timeout: 0,
        principal: 'cotton',
        capabilities: [
          { type: 'MULTI_ROLE' },
          { type: 'RESERVATION_REFINEMENT' },
          { type: 'PARTITION_AWARE' },
        ],
      },
    },
  };
  const answer = await replay.connections.send(STREAM, replay.endpoints.get('master')!, {
    method: 'POST',
    path: '/api/v1/scheduler',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(JSON.stringify(call)),
  });
  const stream = new EventStream(answer.message, decoderFor(first), () => replay.line.line);
  replay.streams.set(STREAM, stream);
  const id = Object.entries(answer.headers).find(([name]) => name.toLowerCase() === STREAM_ID)?.[1];
  replay.ids.same(String(first.http!.headers![STREAM_ID]), id ?? '');
  const subscribed = await stream.until(
    () => stream.events.find(({ event }) => event.type === 'SUBSCRIBED'),
    within(OFFER_DEADLINE_MS),
  );
  const { framework_id: framework } = subscribed!.event.subscribed as { framework_id: { value: string } };
  replay.ids.same((first.call as unknown as AcceptCall).framework_id.value, framework.value);
  return stream;
}

/** Puts a live offer in the place of the recorded one. */
async function bindOffer(replay: Replay, stream: EventStream, line: TraceLine): Promise<void> {
  const { accept } = line.call as unknown as AcceptCall;
  const task = accept.operations[0]!.launch.task_infos[0]!;
  const enough = (resources: unknown) =>
    (resources as { name: string; scalar?: { value: number } }[]).some(
      ({ name, scalar }) => name === 'cpus' && scalar!.value >= 0.5,
    );
  const live = await stream.until(
    () => stream.offers.find(({ offer, used }) => !used && enough(offer.resources)),
    within(OFFER_DEADLINE_MS),
  );
  if (!live) throw new Error(`line ${line.line}: no offer to launch on`);
  live.used = true;
  replay.ids.bindOffer(accept.offer_ids[0]!.value, [live.offer.id.value]);
  replay.ids.same(
    task.agent_id.value,
    (live.offer as unknown as { agent_id: { value: string } }).agent_id.value,
  );
}

/** The executors of scenario 17 only look at their sandbox: the first look waits for the process. */
async function awaitLaunch(replay: Replay, line: TraceLine): Promise<void> {
  if (line.who !== 'executor' || replay.puppets.has(line.executor!)) return;
  const puppet = await replay.theatre.next(line.executor!, within(LAUNCH_DEADLINE_MS));
  if (!puppet) throw new Error(`line ${line.line}: no process was launched for ${line.executor}`);
  replay.puppets.set(line.executor!, puppet);
}

function endExecutors(replay: Replay): void {
  for (const puppet of replay.puppets.values()) puppet.end('exit 0');
  replay.puppets.clear();
}

const isAccept = (line: TraceLine): boolean => (line.call as JsonObject | undefined)?.type === 'ACCEPT';

/** Replays scenario 17, whose recording has no subscription and no offers. */
export async function replayFetcher(replay: Replay): Promise<void> {
  let stream: EventStream | undefined;
  for (const line of replay.scenario.lines) {
    replay.line = line;
    if (isAccept(line)) {
      stream ??= await subscribe(replay, line);
      endExecutors(replay);
      await bindOffer(replay, stream, line);
    }
    if (/^the served file now changes/.test(line.note ?? '')) await changeServedFile(replay.temp);
    await awaitLaunch(replay, line);
    await play(replay, line);
  }
}
