import type { CallResult, SchedulerConnection } from '@cotton/mesos';
import { calls, OperatorClient } from '@cotton/mesos';
import type { AgentResources, EngineLog, MesosPort } from '../engine/ports.ts';

export interface MesosAdapter extends MesosPort {
  /** After each subscription: the master that answered it. */
  master(address: string): void;
  /** Whether the master says of itself that it is Cotton's local stand-in. */
  isStandIn(): Promise<boolean>;
}

type Credential = { principal: string; secret: string };

/**
 * The port over a connection. A call without an answer makes the connection resubscribe, which starts everything over.
 * @param mayAct no: nothing is sent, because another scheduler leads by now
 */
export function mesosPort(
  connection: SchedulerConnection,
  credential: Credential | undefined,
  mayAct: () => boolean,
  log: EngineLog,
): MesosAdapter {
  let operator: OperatorClient | undefined;
  const send = (name: string, call: Parameters<SchedulerConnection['call']>[0] | undefined): void => {
    if (call && mayAct()) void connection.call(call).then((result) => noteFailure(log, name, result));
  };
  return {
    accept: (ids, operations, { refuseSeconds }) =>
      send('accept', calls.accept(ids, operations, refuseSeconds)),
    decline: (ids, { refuseSeconds }) => send('decline', calls.decline(ids, refuseSeconds)),
    revive: () => send('revive', calls.revive()),
    kill: (taskId, agentId) => send('kill', calls.kill(taskId, agentId)),
    acknowledge: (status) => send('acknowledge', calls.acknowledge(status)),
    reconcile: (tasks) => send('reconcile', calls.reconcile(tasks)),
    agents: async () => listAgents(operator),
    master(address) {
      operator = new OperatorClient({ master: address, ...(credential && { credential }) });
    },
    async isStandIn() {
      // Not from /state: that of a large Mesos takes seconds to read, just when a master has failed over.
      const version = await operator?.versionJson().catch(() => undefined);
      return typeof version === 'object' && version !== null && 'cotton_local' in version;
    },
  };
}

function noteFailure(log: EngineLog, name: string, result: CallResult): void {
  if (!result.ok)
    log.warn({ call: name, code: result.code, reason: result.message }, 'call not taken by the master');
}

/** @throws when not subscribed or the master does not answer */
async function listAgents(operator: OperatorClient | undefined): Promise<AgentResources[]> {
  if (!operator) throw new Error('not subscribed with a Mesos master yet');
  const { agents = [] } = await operator.getAgents();
  return agents
    .filter((agent) => agent.active)
    .map(({ agentInfo, pid, totalResources }) => ({
      agentId: agentInfo.id?.value ?? '',
      address: pid?.split('@').at(-1) ?? '',
      resources: totalResources ?? [],
    }));
}
