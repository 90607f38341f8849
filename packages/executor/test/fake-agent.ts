import {
  encodeRecord,
  executorCall,
  executorEvent,
  type ExecutorCall,
  type ExecutorEvent,
  type TaskStatus,
} from '@cotton/mesos';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The executor side of a Mesos agent, played from a script: real HTTP, real protobuf, no scheduler behind it. */
export class FakeAgent {
  readonly updates: TaskStatus[] = [];
  readonly #server: Server;
  readonly #task: { taskId: string; data: Buffer };
  #stream: ServerResponse | undefined;
  #launched = false;
  #refusal: number | undefined;
  #onUpdate: (() => void)[] = [];

  static async start(host: string, task: { taskId: string; data: Buffer }): Promise<FakeAgent> {
    const agent = new FakeAgent(task);
    await new Promise<void>((resolve) => agent.#server.listen(0, host, resolve));
    return agent;
  }

  private constructor(task: { taskId: string; data: Buffer }) {
    this.#task = task;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  get endpoint(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  kill(): void {
    this.#send({ type: 'KILL', kill: { taskId: { value: this.#task.taskId } } });
  }

  shutdown(): void {
    this.#send({ type: 'SHUTDOWN' });
  }

  /** Breaks the stream; from now on every call is answered with this status. */
  refuse(status: number): void {
    this.#refusal = status;
    this.#stream?.destroy();
  }

  /** The next executor that subscribes is a new one. */
  forget(): void {
    this.#launched = false;
    this.updates.length = 0;
  }

  /** The first update with this state. */
  async waitFor(state: string, timeoutMs = 30_000): Promise<TaskStatus> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.updates.find((update) => update.state === state);
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`no ${state} in ${timeoutMs} ms: ${this.#seen()}`);
      await new Promise<void>((resolve) => {
        this.#onUpdate.push(resolve);
        setTimeout(resolve, 100);
      });
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #seen(): string {
    return this.updates.map((update) => `${update.state} ${update.message}`).join('; ');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.#refusal !== undefined) {
      response.writeHead(this.#refusal).end('Executor cannot be found');
      return;
    }
    const call: ExecutorCall = executorCall.decode(Buffer.concat(chunks));
    if (call.type === 'SUBSCRIBE') return this.#subscribe(response);
    response.writeHead(202).end();
    if (call.type === 'UPDATE' && call.update) this.#take(call.update.status);
  }

  #subscribe(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/x-protobuf' });
    this.#stream = response;
    this.#send({
      type: 'SUBSCRIBED',
      subscribed: {
        executorInfo: { executorId: { value: this.#task.taskId } },
        frameworkInfo: { user: 'tester', name: 'cotton', capabilities: [{ type: 'TASK_KILLING_STATE' }] },
        agentInfo: { hostname: 'localhost' },
      },
    });
    if (!this.#launched) this.#launch();
  }

  #launch(): void {
    this.#launched = true;
    const { taskId, data } = this.#task;
    const agentId = { value: 'agent' };
    this.#send({
      type: 'LAUNCH',
      launch: { task: { name: taskId, taskId: { value: taskId }, agentId, data } },
    });
  }

  #take(status: TaskStatus): void {
    this.updates.push(status);
    const { taskId, uuid } = status;
    if (uuid) this.#send({ type: 'ACKNOWLEDGED', acknowledged: { taskId, uuid } });
    for (const resolve of this.#onUpdate.splice(0)) resolve();
  }

  #send(event: ExecutorEvent): void {
    this.#stream?.write(encodeRecord(executorEvent.encode(event)));
  }
}
