import { setTimeout as sleep } from 'node:timers/promises';
import type { Replay } from './context.ts';
import type { Endpoint } from './http.ts';

const DEADLINE_MS = 60_000;
const POLL_MS = 10;

/** Waits until a started process answers `/health`; the last status if it does not, 0 for none. */
export async function serving(replay: Replay, endpoint: Endpoint): Promise<number> {
  const { host, port } = endpoint;
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const status = await fetch(`http://${host}:${port}/health`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) replay.starting.delete(endpoint);
    if (status === 200 || performance.now() > deadline) return status;
    await sleep(POLL_MS);
  }
}
