import type { IncomingMessage, ServerResponse } from 'node:http';
import { executorCall, executorEvent } from '@cotton/mesos';
import { answer, answerMethodNotAllowed, readBody } from '../http/answers.ts';
import { EventStream } from '../http/event-stream.ts';
import { acceptedType, contentType, readCall, Refusal } from '../http/media.ts';
import type { TaskStatus } from '../messages.ts';
import type { AgentContext } from './context.ts';
import { executorCallProblem, type ExecutorCall } from './executor-call.ts';
import type { Executors } from './executors.ts';
import type { AgentExecutor } from './model.ts';

/** How far recovery has come; decides what executors may call. */
export type RecoveryPhase = 'ROUTES' | 'CONTAINERS' | 'EXECUTORS' | 'DONE';

/** `/api/v1/executor`. */
export class ExecutorApi {
  readonly #context: AgentContext;
  readonly #executors: Executors;
  readonly #phase: () => RecoveryPhase;

  constructor(context: AgentContext, executors: Executors, phase: () => RecoveryPhase) {
    this.#context = context;
    this.#executors = executors;
    this.#phase = phase;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#phase() === 'CONTAINERS') throw new Refusal(503, 'Agent has not finished recovery');
    if (request.method !== 'POST') return answerMethodNotAllowed(request, response, ['POST']);
    const type = contentType(request.headers);
    const call = readCall<ExecutorCall>(executorCall, await readBody(request), type);
    const problem = executorCallProblem(call);
    if (problem !== undefined) throw new Refusal(400, `Failed to validate Executor::Call: ${problem}`);
    if (call.type === 'SUBSCRIBE') return this.#subscribe(call, request, response);
    if (this.#phase() !== 'DONE') throw new Refusal(503, 'Agent has not finished recovery');
    this.#dispatch(call);
    answer(response, 202);
  }

  #find(call: ExecutorCall): AgentExecutor {
    const framework = this.#context.frameworks.get(call.framework_id.value);
    if (!framework) throw new Refusal(400, 'Framework cannot be found');
    const executor = framework.executors.get(call.executor_id.value);
    if (!executor) throw new Refusal(400, 'Executor cannot be found');
    return executor;
  }

  #dispatch(call: ExecutorCall): void {
    if (call.type === 'HEARTBEAT') return;
    const executor = this.#find(call);
    // A killed executor's last updates still count; one that never subscribed has no say.
    if (executor.state === 'REGISTERING') throw new Refusal(403, 'Executor is not subscribed');
    if (call.type === 'MESSAGE')
      this.#context.master.executorMessage(executor.frameworkId, executor.id, call.message!.data);
    if (call.type === 'UPDATE') this.#update(executor, call.update!.status);
  }

  #subscribe(call: ExecutorCall, request: IncomingMessage, response: ServerResponse): void {
    const type = acceptedType(request.headers.accept);
    const executor = this.#find(call);
    const stream = new EventStream(response, {
      codec: executorEvent,
      type,
      hostileChunks: this.#context.config.hostileChunks,
    });
    this.#executors.subscribed(executor, stream, call.subscribe?.unacknowledged_tasks ?? []);
    for (const { status } of call.subscribe?.unacknowledged_updates ?? []) this.#update(executor, status);
  }

  #update(executor: AgentExecutor, status: TaskStatus): void {
    if (this.#context.frameworks.get(executor.frameworkId)?.ending) return;
    const agentId = this.#context.agentId;
    if (status.agent_id && status.agent_id.value !== agentId) return; // Dropped without a word, as Mesos does.
    const known =
      executor.launched.has(status.task_id.value) || executor.terminated.has(status.task_id.value);
    const delivered = {
      ...status,
      agent_id: { value: agentId },
      ...(known && { container_status: this.#containerStatus(executor) }),
    };
    this.#executors.update(executor.frameworkId, known ? executor : undefined, delivered);
    if (!known) return;
    executor.stream?.send({
      type: 'ACKNOWLEDGED',
      acknowledged: { task_id: status.task_id, uuid: status.uuid },
    });
  }

  #containerStatus(executor: AgentExecutor): object {
    return {
      container_id: { value: executor.containerId },
      network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: this.#context.config.ip }] }],
      ...(executor.pid !== undefined && { executor_pid: executor.pid }),
    };
  }
}
