import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Between a replica and its primary: can swallow what the replica says, its acknowledgements first of all. */
export class Relay {
  isDeaf = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(targetPort: number): Promise<Relay> {
    const relay = new Relay(targetPort);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  private constructor(targetPort: number) {
    this.#server = createServer((replica) => this.#join(replica, connect(targetPort, '127.0.0.1')));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all present connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }

  #join(replica: Socket, primary: Socket): void {
    const close = () => {
      for (const socket of [replica, primary]) {
        socket.destroy();
        this.#sockets.delete(socket);
      }
    };
    for (const socket of [replica, primary]) {
      this.#sockets.add(socket);
      socket.on('error', close).on('close', close);
    }
    replica.on('data', (bytes) => void (this.isDeaf || primary.write(bytes)));
    primary.on('data', (bytes) => void replica.write(bytes));
  }
}
