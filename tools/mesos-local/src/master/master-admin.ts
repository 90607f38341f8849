import { serveAdmin } from '../admin-server.ts';
import type { Faults } from './faults.ts';

/** Faults of a master: lost ACCEPTs, duplicated updates, held heartbeats. */
export const serveMasterAdmin = (faults: Faults, port: number): Promise<number> =>
  serveAdmin(port, {
    '/accepts/lose': ({ count }) => faults.loseAccepts(Number(count ?? 1)),
    '/updates/duplicate': ({ count }) => faults.duplicateUpdates(Number(count ?? 1)),
    '/heartbeats/hold': () => void (faults.heartbeatsHeld = true),
    '/heartbeats/release': () => void (faults.heartbeatsHeld = false),
  });
