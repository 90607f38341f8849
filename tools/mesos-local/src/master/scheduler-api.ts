import type { IncomingMessage, ServerResponse } from 'node:http';
import { schedulerCall } from '@cotton/mesos';
import { answer, answerMethodNotAllowed, readBody } from '../http/answers.ts';
import { acceptedType, contentType, readCall, Refusal } from '../http/media.ts';
import { answerUnauthorized, principalOf } from '../http/authentication.ts';
import type { Master } from './master.ts';
import { frameworkRoles, type Framework } from './model.ts';
import { schedulerCallProblem, type SchedulerCall } from './scheduler-call.ts';
import { updateFramework } from './update-framework.ts';

const REALM = 'mesos-master-scheduler';
const DEFAULT_REFUSE_SECONDS = 5;

const streamIdOf = (request: IncomingMessage): string | undefined => {
  const value = request.headers['mesos-stream-id'];
  return Array.isArray(value) ? value[0] : value;
};

/** `/api/v1/scheduler` of the leading master: every check in Mesos' order. */
export class SchedulerApi {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  /** Whether the request may go on; answers 401 itself if not. */
  authenticated(request: IncomingMessage, response: ServerResponse): boolean {
    const { authenticateFrameworks, credentials } = this.#master.config;
    if (!authenticateFrameworks || principalOf(request, credentials) !== undefined) return true;
    answerUnauthorized(response, REALM);
    return false;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return answerMethodNotAllowed(request, response, ['POST']);
    const type = contentType(request.headers);
    const call = readCall<SchedulerCall>(schedulerCall, await readBody(request), type);
    const principal = this.#principal(request);
    const problem = schedulerCallProblem(call, principal);
    if (problem !== undefined) throw new Refusal(400, `Failed to validate scheduler::Call: ${problem}`);
    if (call.type === 'SUBSCRIBE') return this.#subscribe(call, request, response);
    const framework = this.#find(call, request, principal);
    if (call.type === 'UPDATE_FRAMEWORK') return this.#update(framework, call, response);
    if (call.type === 'RECONCILE_OPERATIONS') acceptedType(request.headers.accept);
    // Who has read the 202 may kill this master, and yet the call has been carried out.
    this.#dispatch(framework, call);
    answer(response, 202);
  }

  #principal(request: IncomingMessage): string | undefined {
    const { authenticateFrameworks, credentials } = this.#master.config;
    return authenticateFrameworks ? principalOf(request, credentials) : undefined;
  }

  #subscribe(call: SchedulerCall, request: IncomingMessage, response: ServerResponse): void {
    const type = acceptedType(request.headers.accept);
    if (streamIdOf(request) !== undefined)
      throw new Refusal(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    this.#master.subscriptions.subscribe(call.subscribe!, type, response);
  }

  #find(call: SchedulerCall, request: IncomingMessage, principal: string | undefined): Framework {
    const framework = this.#master.frameworks.get(call.framework_id!.value);
    if (!framework) throw new Refusal(400, 'Framework cannot be found');
    const owner = framework.info.principal;
    if (principal !== undefined && owner !== undefined && principal !== owner)
      throw new Refusal(
        400,
        `Authenticated principal '${principal}' does not match principal '${owner}' set in \`FrameworkInfo\``,
      );
    if (!framework.stream) throw new Refusal(403, 'Framework is not subscribed');
    const streamId = streamIdOf(request);
    if (streamId === undefined)
      throw new Refusal(400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    if (streamId !== framework.streamId)
      throw new Refusal(
        400,
        `The stream ID '${streamId}' included in this request didn't match the stream ID currently associated with framework ID ${framework.id}`,
      );
    return framework;
  }

  #update(framework: Framework, call: SchedulerCall, response: ServerResponse): void {
    const problem = updateFramework(this.#master, framework, call.update_framework!);
    if (problem === undefined) answer(response, 200);
    else answer(response, 400, problem);
  }

  #dispatch(framework: Framework, call: SchedulerCall): void {
    const { acceptance, faults, frameworkRemoval, offerBook, operations, reconciliation, updates } =
      this.#master;
    switch (call.type) {
      case 'TEARDOWN':
        return frameworkRemoval.remove(framework);
      case 'ACCEPT':
        return faults.takeLostAccept() ? undefined : acceptance.accept(framework, call.accept!);
      case 'DECLINE': {
        const ids = (call.decline!.offer_ids ?? []).map(({ value }) => value);
        return offerBook.decline(
          framework,
          ids,
          call.decline!.filters?.refuse_seconds ?? DEFAULT_REFUSE_SECONDS,
        );
      }
      case 'REVIVE':
      case 'SUPPRESS':
        return this.#interest(framework, call);
      case 'KILL':
        return updates.kill(
          framework,
          call.kill!.task_id.value,
          call.kill!.agent_id?.value,
          call.kill!.kill_policy,
        );
      case 'SHUTDOWN':
        return updates.shutdownExecutor(
          framework,
          call.shutdown!.agent_id.value,
          call.shutdown!.executor_id.value,
        );
      case 'ACKNOWLEDGE': {
        const { agent_id: agentId, task_id: taskId, uuid } = call.acknowledge!;
        return updates.acknowledge(framework, agentId.value, taskId.value, uuid);
      }
      case 'ACKNOWLEDGE_OPERATION_STATUS':
        return operations.acknowledge(
          call.acknowledge_operation_status!.agent_id?.value,
          call.acknowledge_operation_status!.uuid,
        );
      case 'RECONCILE':
        return reconciliation.reconcile(framework, call.reconcile!.tasks ?? []);
      case 'RECONCILE_OPERATIONS':
        return operations.reconcile(framework, call.reconcile_operations!.operations ?? []);
      case 'MESSAGE': {
        const { agent_id: agentId, executor_id: executorId, data } = call.message!;
        return updates.message(framework, agentId.value, executorId.value, data);
      }
      default:
        return; // REQUEST and inverse offers: accepted and without effect.
    }
  }

  /** A role that is not the framework's spoils the whole call. */
  #interest(framework: Framework, call: SchedulerCall): void {
    const own = frameworkRoles(framework);
    const named = (call.type === 'REVIVE' ? call.revive : call.suppress)?.roles ?? [];
    if (named.some((role) => !own.includes(role))) return;
    const roles = named.length > 0 ? named : own;
    if (call.type === 'SUPPRESS') return this.#master.allocator.suppress(framework.id, roles);
    this.#master.allocator.revive(framework.id, roles);
    this.#master.offerBook.allocate();
  }
}
