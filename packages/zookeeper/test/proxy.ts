import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of bytes and connections. `stall`: accepted and never forwarded, in both directions (a black hole). */
export type Trouble = 'none' | 'stall' | 'refuse' | 'swallow_answers';

interface Pair {
  client: Socket;
  server: Socket;
}

/** A TCP proxy in front of one ZooKeeper server that can cut, stall, delay and refuse. */
export class Proxy {
  trouble: Trouble = 'none';
  delayMs = 0;
  /** Connections accepted so far. */
  accepted = 0;
  /** Bytes that went to clients. */
  answered = 0;
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();

  static async start(targetPort: number): Promise<Proxy> {
    const proxy = new Proxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(targetPort: number) {
    this.#target = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  get connect(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends all present connections: in order, or with a reset. */
  cut(how: 'end' | 'reset' = 'end'): void {
    for (const { client, server } of this.#pairs) {
      if (how === 'reset') client.resetAndDestroy();
      else client.destroy();
      server.destroy();
    }
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    if (this.trouble === 'refuse') return void client.resetAndDestroy();
    const server = connect(this.#target, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    const close = (): void => {
      client.destroy();
      server.destroy();
      this.#pairs.delete(pair);
    };
    client.on('data', (bytes) => this.#forward(server, bytes, this.trouble === 'stall'));
    server.on('data', (bytes) => {
      const swallow = this.trouble === 'stall' || this.trouble === 'swallow_answers';
      if (!swallow) this.answered += bytes.length;
      this.#forward(client, bytes, swallow);
    });
    for (const socket of [client, server]) socket.on('error', close).on('close', close);
  }

  #forward(to: Socket, bytes: Buffer, swallow: boolean): void {
    if (swallow) return;
    if (this.delayMs === 0) return void to.write(bytes);
    setTimeout(() => to.destroyed || to.write(bytes), this.delayMs);
  }
}
