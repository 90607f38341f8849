import type { Place } from '@cotton/chaos';
import { createServer } from 'mysql2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type Route, Writers } from '../src/load/writers.ts';

const HOST = '127.0.0.1';
const SOON_MS = 20_000;
/** Until every client waits for an answer. */
const STUCK_MS = 500;
const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** Speaks MySQL's protocol; after `silence` it neither answers nor ends a connection, like a host that is gone. */
async function fakeServer(): Promise<{ place: Place; silence: () => void }> {
  const streams: Socket[] = [];
  const server = createServer((session) => {
    const inner = session as unknown as { stream: Socket; sequenceId: number; _resetSequenceId(): void };
    streams.push(inner.stream);
    session.serverHandshake({
      ...{ protocolVersion: 10, serverVersion: '9.7.0', connectionId: 1, statusFlags: 2, characterSet: 8 },
      capabilityFlags: 0xffffff ^ 0x800,
      authCallback: (_: unknown, accept: (...answer: unknown[]) => void) => {
        accept(null);
        inner._resetSequenceId();
      },
    });
    session.on('error', () => undefined);
    session.on('query', () => {
      inner.sequenceId = 1;
      session.writeOk({ affectedRows: 1 });
      inner._resetSequenceId();
    });
  });
  const { _server: listener } = server as unknown as { _server: Server };
  await new Promise<void>((resolve) => listener.listen(0, HOST, resolve));
  open.push(() => streams.forEach((stream) => stream.destroy()));
  open.push(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  return { place: { host: HOST, port }, silence: () => streams.forEach((stream) => stream.pause()) };
}

class Signal implements Route {
  #listeners = new Set<() => void>();
  primary: Place | undefined;

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  lead(place: Place | undefined): void {
    this.primary = place;
    for (const listener of this.#listeners) listener();
  }
}

it(
  'clients leave a server that answers nothing as soon as writes go elsewhere',
  { timeout: 2 * SOON_MS },
  async () => {
    const [old, next] = [await fakeServer(), await fakeServer()];
    const route = new Signal();
    route.lead(old.place);
    const writers = await Writers.start(route, { user: 'u', password: '' });
    try {
      await writers.untilAcknowledged(({ place }) => place.port === old.place.port, SOON_MS);
      old.silence();
      await sleep(STUCK_MS);
      route.lead(undefined);
      route.lead(next.place);
      await writers.untilAcknowledged(({ place }) => place.port === next.place.port, SOON_MS);
      expect(writers.routed.map(({ place }) => place)).toEqual([next.place]);
    } finally {
      await writers.stop();
    }
  },
);
