import { serveAdmin } from '../admin-server.ts';
import type { Agent } from './agent.ts';

/** Faults of an agent: `POST /link/cut`, `POST /link/heal`. */
export const serveAgentAdmin = (agent: Agent, port: number): Promise<number> =>
  serveAdmin(port, {
    '/link/cut': () => agent.link.cut(),
    '/link/heal': () => agent.link.heal(),
  });
