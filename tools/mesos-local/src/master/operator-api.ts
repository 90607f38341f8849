import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, answerJson, answerMethodNotAllowed, readBody } from '../http/answers.ts';
import { contentType, Refusal } from '../http/media.ts';
import { answerUnauthorized, principalOf } from './authentication.ts';
import type { Master } from './master.ts';
import { operatorCalls, type OperatorCall } from './operator-calls.ts';

/** `/api/v1` and `/teardown`: what operators ask of the leading master. JSON only. */
export class OperatorApi {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authenticateReadwrite, credentials } = this.#master.config;
    const principal = principalOf(request, credentials);
    if (authenticateReadwrite && principal === undefined)
      return answerUnauthorized(response, 'mesos-master-readwrite');
    if (request.method !== 'POST') return answerMethodNotAllowed(request, response, ['POST']);
    const body = (await readBody(request)).toString('utf8');
    if (path === '/teardown') return this.#teardown(new URLSearchParams(body).get('frameworkId'), response);
    contentType(request.headers);
    const call = parse(body);
    const perform = operatorCalls[call.type ?? ''];
    if (!perform) throw new Refusal(400, "Failed to validate master::Call: Expecting 'type' to be present");
    const result = perform(this.#master, call, principal);
    if (result === undefined) answer(response, 200);
    else if ('status' in result)
      answer(response, result.status as number, (result.message as string | undefined) ?? '');
    else answerJson(response, JSON.stringify({ type: call.type, ...result }));
  }

  #teardown(frameworkId: string | null, response: ServerResponse): void {
    if (frameworkId === null)
      throw new Refusal(400, "Missing 'frameworkId' query parameter in the request body");
    const framework = this.#master.frameworks.get(frameworkId);
    if (!framework) throw new Refusal(400, `No framework found with ID ${frameworkId}`);
    this.#master.frameworkRemoval.remove(framework);
    answer(response, 200);
  }
}

function parse(body: string): OperatorCall {
  try {
    return JSON.parse(body) as OperatorCall;
  } catch {
    throw new Refusal(400, `Failed to parse body into JSON: syntax error at line 1 near: ${body}`);
  }
}
