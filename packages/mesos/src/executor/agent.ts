import { Client } from 'undici';
import { post, postForStream, type Answer } from '../transport/post.ts';
import { PROTOBUF } from '../wire/codec.ts';
import type { ExecutorCall } from '../wire/generated/types.ts';
import { executorCall } from '../wire/messages.ts';
import type { ExecutorEnvironment } from './environment.ts';

const PATH = '/api/v1/executor';
const TIMEOUT_MS = 10_000;

export type AgentAnswer =
  { kind: 'taken' } | { kind: 'retry'; reason: string } | { kind: 'rejected'; message: string };

/** The agent's executor endpoint: one connection for the stream, one for the calls, in their order. */
export class AgentClient {
  readonly #origin: string;
  readonly #headers: Record<string, string>;
  readonly #calls: Client;
  #stream: Client | undefined;

  constructor({ agent, authenticationToken }: ExecutorEnvironment) {
    this.#origin = agent;
    this.#headers = {
      'content-type': PROTOBUF,
      accept: PROTOBUF,
      ...(authenticationToken !== undefined && { authorization: `Bearer ${authenticationToken}` }),
    };
    this.#calls = this.#connect();
  }

  /** Throws `network` when the agent does not answer. */
  async subscribe(call: ExecutorCall): Promise<AsyncIterable<Buffer> | AgentAnswer> {
    this.endStream();
    this.#stream = this.#connect();
    const answer = await postForStream(this.#stream, this.#request(call));
    return answer.kind === 'stream' ? answer.records : judge(answer);
  }

  /** Never throws for what an agent may answer or fail to. */
  async call(call: ExecutorCall): Promise<AgentAnswer> {
    const request = this.#request(call);
    try {
      return judge(await post(this.#calls, request));
    } catch (error) {
      return { kind: 'retry', reason: (error as Error).message };
    }
  }

  endStream(): void {
    void this.#stream?.destroy();
  }

  close(): void {
    this.endStream();
    void this.#calls.destroy();
  }

  #request(call: ExecutorCall) {
    return { path: PATH, headers: this.#headers, body: executorCall.encode(call) };
  }

  #connect(): Client {
    // Heartbeats come every half hour and prove nothing: only the connection's end counts.
    return new Client(this.#origin, {
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: 0,
      connect: { timeout: TIMEOUT_MS },
    });
  }
}

/**
 * A starting agent answers 404 (no routes yet), then 503 (recovering); 403 without a subscription.
 * 400 and 401 are for good: it does not know the framework, the executor or the token.
 */
function judge({ status, body }: Answer): AgentAnswer {
  const message = body.toString('utf8').trim() || `status ${status}`;
  if (status === 202 || status === 200) return { kind: 'taken' };
  if (status === 400 || status === 401) return { kind: 'rejected', message };
  return { kind: 'retry', reason: message };
}
