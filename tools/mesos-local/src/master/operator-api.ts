import { JSON_TYPE, masterCall, masterResponse } from '@cotton/mesos';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, answerMethodNotAllowed, readBody } from '../http/answers.ts';
import { acceptedType, contentType, readCall, Refusal, writeMessage } from '../http/media.ts';
import { answerUnauthorized, principalOf } from '../http/authentication.ts';
import type { Master } from './master.ts';
import { operatorCalls, type OperatorCall } from './operator-calls.ts';

/** `/api/v1` and `/teardown`: what operators ask of the leading master. */
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
    const given = await readBody(request);
    if (path === '/teardown')
      return this.#teardown(new URLSearchParams(given.toString('utf8')).get('frameworkId'), response);
    const call = readCall<OperatorCall>(masterCall, given, contentType(request.headers));
    const type = acceptedType(request.headers.accept);
    const perform = operatorCalls[call.type ?? ''];
    if (!perform) throw new Refusal(400, "Failed to validate master::Call: Expecting 'type' to be present");
    const result = perform(this.#master, call, principal);
    if (result === undefined) answer(response, 200);
    else if ('status' in result)
      answer(response, result.status as number, (result.message as string | undefined) ?? '');
    else {
      const message = { type: call.type, ...result };
      // In JSON these answers show empty lists too, which our codec leaves out.
      const body = type === JSON_TYPE ? JSON.stringify(message) : writeMessage(masterResponse, message, type);
      answer(response, 200, body, { 'Content-Type': type });
    }
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
