/** What an operator asks for in the middle of it. A refusal, or no leader to ask, is an outcome like any other. */
import type { ClusterDetail } from '@cotton/api';
import { ApiError } from '@cotton/api';
import type { AgentHandle } from '@cotton/mesos-local';
import type { Lab } from '../lab/lab.ts';

const REFUSED = 'refused: ';

/** Asks for a planned switchover. @returns what came of it, for people */
export function switchOver(
  lab: Lab,
  { name, members }: ClusterDetail,
  target: AgentHandle | undefined,
  despiteObstacles = false,
): Promise<string> {
  const to = members.find(({ host }) => host === target?.ip)?.id;
  return outcome(async () => {
    const { transition } = await lab.api.switchover(name, {
      ...(to !== undefined && { to }),
      despite_obstacles: despiteObstacles,
    });
    return `${transition} to ${to} begins`;
  });
}

/** Asks for another size or another durability. @returns what came of it, for people */
export function change(
  lab: Lab,
  before: ClusterDetail,
  { members, acks, minInSync }: { members?: number; acks?: number | null; minInSync?: number },
): Promise<string> {
  return outcome(async () => {
    await lab.api.patch(before.name, {
      ...(members !== undefined && { num_nodes: before.num_nodes + members }),
      durability: {
        ...(acks !== undefined && { acks }),
        ...(minInSync !== undefined && { min_in_sync: minInSync }),
      },
    });
    return 'accepted';
  });
}

export function isRefusal(answer: string): boolean {
  return answer.startsWith(REFUSED);
}

async function outcome(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError) return `${REFUSED}${error.message}`;
    throw error;
  }
}
