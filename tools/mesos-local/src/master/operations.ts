import { newUuidBytes } from '../uuid.ts';
import type { PendingOperation as ReportedOperation } from '../link-protocol.ts';
import type { Operation, OperationStatus } from '../messages.ts';
import { applyOperation } from '../resources/apply-operation.ts';
import { unallocatedOperation } from '../resources/unallocated-operation.ts';
import type { Master } from './master.ts';
import type { Agent, Framework, PendingOperation } from './model.ts';

const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 600_000;

/** Operations on their way to agents, and the news of them to frameworks that gave them an id. */
export class Operations {
  readonly #master: Master;

  constructor(master: Master) {
    this.#master = master;
  }

  /** Never reached an agent: told once, without uuid, only to a framework that gave it an id. */
  refuse(framework: Framework, operation: Operation, message: string): void {
    if (!operation.id) return;
    this.#tell(framework, { operation_id: operation.id, state: 'OPERATION_ERROR', message });
  }

  /** Carries a checked operation out: in the master's books at once, then on the agent. */
  apply(agent: Agent, operation: Operation, frameworkId?: string): void {
    const uuid = newUuidBytes();
    agent.total = applyOperation(agent.total, unallocatedOperation(operation));
    this.#master.allocator.updateTotal(agent.id, agent.total);
    const pending: PendingOperation = { uuid, agentId: agent.id, operation, state: 'OPERATION_PENDING' };
    agent.operations.set(uuid, frameworkId === undefined ? pending : { ...pending, frameworkId });
    agent.send?.({
      type: 'apply_operation',
      uuid,
      operation,
      ...(frameworkId !== undefined && { framework_id: frameworkId }),
    });
  }

  /** The agent has carried an operation out, or could not. */
  finished(agent: Agent, report: ReportedOperation): void {
    const known = agent.operations.get(report.uuid);
    if (!report.operation_id || !report.framework_id) {
      agent.operations.delete(report.uuid);
      return;
    }
    const pending: PendingOperation = {
      ...(known ?? {
        uuid: report.uuid,
        agentId: agent.id,
        operation: { id: { value: report.operation_id } },
      }),
      frameworkId: report.framework_id,
      state: report.state,
      ...(report.message !== undefined && { message: report.message }),
    };
    agent.operations.set(report.uuid, pending);
    this.#deliver(agent, pending, FIRST_RETRY_MS);
  }

  /** What a returning agent has carried out; what it has never heard of was lost on the way. */
  compared(agent: Agent, reports: ReportedOperation[]): void {
    for (const report of reports) this.finished(agent, report);
    const known = new Set(reports.map(({ uuid }) => uuid));
    for (const { uuid, state, frameworkId, operation } of [...agent.operations.values()]) {
      if (state !== 'OPERATION_PENDING' || known.has(uuid)) continue;
      this.finished(agent, {
        uuid,
        state: 'OPERATION_DROPPED',
        ...(frameworkId !== undefined && { framework_id: frameworkId }),
        ...(operation.id && { operation_id: operation.id.value }),
      });
    }
  }

  #deliver(agent: Agent, pending: PendingOperation, retryMs: number): void {
    const framework = this.#master.frameworks.get(pending.frameworkId ?? '');
    if (agent.operations.get(pending.uuid) !== pending) return;
    if (framework) this.#tell(framework, statusOf(pending, agent));
    const next = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    pending.retryTimer = setTimeout(() => this.#deliver(agent, pending, next), retryMs);
  }

  #tell(framework: Framework, status: OperationStatus): void {
    framework.stream?.send({ type: 'UPDATE_OPERATION_STATUS', update_operation_status: { status } });
  }

  acknowledge(agentId: string | undefined, uuid: string): void {
    const agent = this.#master.agents.get(agentId ?? '');
    const pending = agent?.operations.get(uuid);
    if (!agent || !pending || pending.state === 'OPERATION_PENDING') return;
    clearTimeout(pending.retryTimer);
    agent.operations.delete(uuid);
    agent.send?.({ type: 'acknowledge_operation', uuid });
  }

  reconcile(
    framework: Framework,
    wanted: { operation_id: { value: string }; agent_id?: { value: string } }[],
  ): void {
    const pending = [...this.#master.agents.values()].flatMap((agent) =>
      [...agent.operations.values()]
        .filter((one) => one.frameworkId === framework.id && one.operation.id)
        .map((one) => ({ agent, one })),
    );
    if (wanted.length === 0) {
      for (const { agent, one } of pending) this.#tell(framework, reconciled(one, agent));
      return;
    }
    for (const { operation_id: id, agent_id: agentId } of wanted) {
      const found = pending.find(({ one }) => one.operation.id!.value === id.value);
      if (found) this.#tell(framework, reconciled(found.one, found.agent));
      else if (!agentId || !this.#master.recovered.has(agentId.value))
        this.#tell(framework, {
          operation_id: id,
          state: 'OPERATION_UNKNOWN',
          message: 'Reconciliation: Operation is unknown',
          ...(agentId && { agent_id: agentId }),
        });
    }
  }

  /** Nothing on this agent will be reported any more. */
  forget(agent: Agent): void {
    for (const { retryTimer } of agent.operations.values()) clearTimeout(retryTimer);
    agent.operations.clear();
  }
}

const statusOf = (pending: PendingOperation, agent: Agent): OperationStatus => ({
  operation_id: pending.operation.id!,
  state: pending.state,
  ...(pending.message !== undefined && { message: pending.message }),
  uuid: { value: pending.uuid },
  agent_id: { value: agent.id },
});

/** An answer to a question has no uuid: it is not acknowledged. */
const reconciled = (pending: PendingOperation, agent: Agent): OperationStatus => ({
  operation_id: pending.operation.id!,
  state: pending.state,
  message: 'Reconciliation: Latest operation state',
  agent_id: { value: agent.id },
});
