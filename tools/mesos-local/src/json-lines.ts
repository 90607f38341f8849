import type { Socket } from 'node:net';

/** One JSON document per line in both directions over a socket. */
export interface JsonLines<Out> {
  send(message: Out): void;
  close(): void;
}

const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Calls `onMessage` for every complete line; malformed or endless input closes the socket. */
export function jsonLines<In, Out>(
  socket: Socket,
  onMessage: (message: In) => void,
  head?: Buffer,
): JsonLines<Out> {
  let pending: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  const take = (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
      const line = pending.subarray(0, end).toString('utf8');
      pending = pending.subarray(end + 1);
      onMessage(JSON.parse(line) as In);
    }
    if (pending.length > MAX_LINE_BYTES) socket.destroy();
  };
  socket.on('data', take);
  // Upgraded HTTP sockets stay half open otherwise.
  socket.on('end', () => socket.destroy());
  if (head && head.length > 0) take(head);
  return {
    send: (message) => {
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    },
    close: () => socket.destroy(),
  };
}
