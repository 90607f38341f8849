import { Client } from 'undici';
import { MesosError } from '../error.ts';
import { parseMasterAddress, redirectTarget, type Origin } from '../master/address.ts';
import { basicAuthorization, type BasicCredential } from '../transport/auth.ts';
import { get, post, type Answer } from '../transport/post.ts';
import { PROTOBUF } from '../wire/codec.ts';
import type {
  MasterCall,
  MasterResponse,
  MasterResponseGetAgents,
  MasterResponseGetFrameworks,
  MasterResponseGetState,
  Resource,
  VersionInfo,
} from '../wire/generated/types.ts';
import { masterCall, masterResponse } from '../wire/messages.ts';

const PATH = '/api/v1';
const MAX_REDIRECTS = 5;
/** The state of a large cluster is tens of MiB. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

export interface OperatorOptions {
  /** `host:port` or `http://host:port` of any master; redirects to the leader are followed. */
  master: string;
  credential?: BasicCredential;
  /** Default 10 s. */
  timeoutMs?: number;
}

/** Operator calls to a master. All throw `http` (with `status`) for a refusal and `network` for no answer. */
export class OperatorClient {
  readonly #origin: Origin;
  readonly #headers: Record<string, string>;
  readonly #timeoutMs: number;

  constructor({ master, credential, timeoutMs = 10_000 }: OperatorOptions) {
    this.#origin = parseMasterAddress(master);
    this.#headers = basicAuthorization(credential);
    this.#timeoutMs = timeoutMs;
  }

  /** Any call; the response is undefined where the master only says that it accepts (202). */
  async call(call: MasterCall): Promise<MasterResponse | undefined> {
    const headers = { ...this.#headers, 'content-type': PROTOBUF, accept: PROTOBUF };
    const body = masterCall.encode(call);
    const answer = await this.#follow((client) =>
      post(client, { path: PATH, headers, body }, MAX_ANSWER_BYTES),
    );
    return answer.body.length > 0 ? masterResponse.decode(answer.body) : undefined;
  }

  async health(): Promise<boolean> {
    return (await this.call({ type: 'GET_HEALTH' }))?.getHealth?.healthy ?? false;
  }

  async version(): Promise<VersionInfo | undefined> {
    return (await this.call({ type: 'GET_VERSION' }))?.getVersion?.versionInfo;
  }

  async getAgents(): Promise<MasterResponseGetAgents> {
    return (await this.call({ type: 'GET_AGENTS' }))?.getAgents ?? {};
  }

  async getFrameworks(): Promise<MasterResponseGetFrameworks> {
    return (await this.call({ type: 'GET_FRAMEWORKS' }))?.getFrameworks ?? {};
  }

  /** Agents, frameworks, executors and tasks in one consistent answer. */
  async getState(): Promise<MasterResponseGetState> {
    return (await this.call({ type: 'GET_STATE' }))?.getState ?? {};
  }

  /** `GET /version`: small, and with what a master adds that GET_VERSION has no field for. */
  async versionJson(): Promise<unknown> {
    const answer = await this.#follow((client) =>
      get(client, { path: '/version', headers: this.#headers }, MAX_ANSWER_BYTES),
    );
    return JSON.parse(answer.body.toString('utf8'));
  }

  /** For good: the agent's tasks are TASK_GONE_BY_OPERATOR, and it is never admitted again. 404 for an unknown id. */
  async markAgentGone(agentId: string): Promise<void> {
    await this.call({ type: 'MARK_AGENT_GONE', markAgentGone: { agentId: { value: agentId } } });
  }

  async teardown(frameworkId: string): Promise<void> {
    await this.call({ type: 'TEARDOWN', teardown: { frameworkId: { value: frameworkId } } });
  }

  async reserve(agentId: string, resources: Resource[]): Promise<void> {
    await this.call({
      type: 'RESERVE_RESOURCES',
      reserveResources: { agentId: { value: agentId }, resources },
    });
  }

  /** 409 while a volume is on them: destroy it first. */
  async unreserve(agentId: string, resources: Resource[]): Promise<void> {
    await this.call({
      type: 'UNRESERVE_RESOURCES',
      unreserveResources: { agentId: { value: agentId }, resources },
    });
  }

  async createVolumes(agentId: string, volumes: Resource[]): Promise<void> {
    await this.call({ type: 'CREATE_VOLUMES', createVolumes: { agentId: { value: agentId }, volumes } });
  }

  async destroyVolumes(agentId: string, volumes: Resource[]): Promise<void> {
    await this.call({ type: 'DESTROY_VOLUMES', destroyVolumes: { agentId: { value: agentId }, volumes } });
  }

  async #follow(ask: (client: Client) => Promise<Answer>): Promise<Answer> {
    let origin = this.#origin;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const answer = await this.#askAt(origin, ask);
      if (answer.status === 200 || answer.status === 202) return answer;
      const target = answer.status === 307 ? redirectTarget(answer.headers.location, origin) : undefined;
      if (!target) throw refusal(answer);
      origin = target;
    }
    throw new MesosError('http', `more than ${MAX_REDIRECTS} redirects`, { status: 307 });
  }

  async #askAt(origin: Origin, ask: (client: Client) => Promise<Answer>): Promise<Answer> {
    const timeout = this.#timeoutMs;
    const client = new Client(origin, {
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: { timeout },
    });
    try {
      return await ask(client);
    } finally {
      await client.destroy();
    }
  }
}

function refusal({ status, body }: Answer): MesosError {
  return new MesosError('http', body.toString('utf8').trim() || `status ${status}`, { status });
}
