import { serveAdmin } from '../admin-server.ts';
import type { Agent } from './agent.ts';

/** Faults of an agent: a cut link, lost operations and launches. */
export const serveAgentAdmin = (agent: Agent, port: number): Promise<number> =>
  serveAdmin(port, {
    '/link/cut': () => agent.link.cut(),
    '/link/heal': () => agent.link.heal(),
    '/work/lose': ({ count }) => agent.loseWork(Number(count ?? 1)),
  });
