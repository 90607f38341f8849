import type { ClusterDetail } from '@cotton/api';
import { ApiError } from '@cotton/api';
import type { AgentHandle } from '@cotton/mesos-local';
import type { Lab } from '../lab/lab.ts';

/**
 * Asks for a planned switchover; how it goes shows in the history. A refusal, or no leader to ask, is an outcome like
 * any other. @returns it, for people
 */
export async function switchOver(
  lab: Lab,
  { name, members }: ClusterDetail,
  target: AgentHandle | undefined,
): Promise<string> {
  const to = members.find(({ host }) => host === target?.ip)?.id;
  try {
    const { transition } = await lab.api.switchover(name, { ...(to !== undefined && { to }) });
    return `${transition} to ${to} begins`;
  } catch (error) {
    if (error instanceof ApiError) return `switchover refused: ${error.message}`;
    throw error;
  }
}
