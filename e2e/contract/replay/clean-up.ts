import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../trace/trace.ts';
import type { Replay } from './context.ts';

interface Reserved extends JsonObject {
  reservations: { type: string; role: string; principal: string }[];
  disk: { persistence?: JsonObject };
}

interface ListedAgent {
  agent_info: { id: { value: string } };
  total_resources: Reserved[];
}

const ROUNDS = 20;
const ROUND_MS = 500;
/** Who reserves in the recordings; nothing of anybody else is touched. */
const PRINCIPAL = 'cotton';

async function operator(replay: Replay, call: JsonObject): Promise<Response> {
  const { host, port } = replay.endpoints.get('master')!;
  return fetch(`http://${host}:${port}/api/v1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(call),
  });
}

async function tearDown(replay: Replay): Promise<void> {
  const { host, port } = replay.endpoints.get('master')!;
  for (const stream of replay.streams.values())
    for (const { event } of stream.events) {
      if (event.type !== 'SUBSCRIBED' || !('framework_id' in (event.subscribed as JsonObject))) continue;
      const { framework_id: id } = event.subscribed as { framework_id: { value: string } };
      const body = `frameworkId=${id.value}`;
      await fetch(`http://${host}:${port}/teardown`, { method: 'POST', body }).catch(() => {});
    }
}

const isOurs = ({ reservations }: Reserved): boolean =>
  reservations?.some(({ principal }) => principal === PRINCIPAL);

/** As operations want it: without the older way to say the same. */
function operand({
  role: _role,
  reservation: _reservation,
  allocation_info: _allocation,
  ...rest
}: Reserved): JsonObject {
  return rest;
}

/** Destroys and unreserves; `true` when nothing was left to do. */
async function freeReserved(replay: Replay): Promise<boolean> {
  const response = await operator(replay, { type: 'GET_AGENTS' });
  const { get_agents: listed } = (await response.json()) as { get_agents: { agents?: ListedAgent[] } };
  let clean = true;
  for (const { agent_info: info, total_resources: resources } of listed.agents ?? []) {
    const ours = resources.filter(isOurs);
    if (ours.length === 0) continue;
    clean = false;
    const volumes = ours.filter(({ disk }) => disk?.persistence).map(operand);
    const others = ours.filter(({ disk }) => !disk?.persistence).map(operand);
    const agent_id = info.id;
    if (volumes.length > 0)
      await operator(replay, { type: 'DESTROY_VOLUMES', destroy_volumes: { agent_id, volumes } });
    else
      await operator(replay, {
        type: 'UNRESERVE_RESOURCES',
        unreserve_resources: { agent_id, resources: others },
      });
  }
  return clean;
}

/** Leaves a target that is not ours as it was: frameworks torn down, volumes destroyed, nothing reserved. */
export async function cleanUp(replay: Replay): Promise<void> {
  if (!replay.endpoints.has('master')) return;
  await tearDown(replay);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (await freeReserved(replay)) return;
    await sleep(ROUND_MS);
  }
  throw new Error('reservations of the suite are left on the target');
}
