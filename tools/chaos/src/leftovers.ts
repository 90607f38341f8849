import type { Violation } from './check/violation.ts';
import { violation } from './check/violation.ts';
import type { Lab } from './lab/lab.ts';
import { processesIn } from './lab/processes.ts';

/** When all is well again each agent runs at most one member: one executor, one mysqld. */
export function findLeftovers(lab: Lab): Violation[] {
  const surplus = lab.agents.flatMap((agent) => {
    const { executors, mysqlds } = processesIn(agent.workDir);
    const isFine = mysqlds.length <= 1 && executors.length <= 1 && mysqlds.length <= executors.length;
    return isFine
      ? []
      : [`${agent.hostname}: executors ${executors.join(' ')}, mysqlds ${mysqlds.join(' ')}`];
  });
  return violation('left behind', surplus, 'processes that should have ended');
}
