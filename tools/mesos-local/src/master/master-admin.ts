import { serveAdmin } from '../admin-server.ts';
import type { Master } from './master.ts';

/** Faults of a master: lost ACCEPTs, duplicated updates, held heartbeats. */
export const serveMasterAdmin = (master: Master, port: number): Promise<number> =>
  serveAdmin(port, {
    '/accepts/lose': ({ count }) => master.faults.loseAccepts(Number(count ?? 1)),
    '/updates/duplicate': ({ count }) => master.faults.duplicateUpdates(Number(count ?? 1)),
    '/heartbeats/hold': () => void (master.faults.heartbeatsHeld = true),
    '/heartbeats/release': () => void (master.faults.heartbeatsHeld = false),
  });
