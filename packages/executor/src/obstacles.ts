import { type Admin, switchoverObstacles } from '@cotton/mysql-ops';

const LOOK_MS = 2_000;

/**
 * What would hold a switchover up now. One look at a time, shared by all who ask meanwhile: they need no account, and
 * each look takes one of the few sessions that the heartbeat's writes have.
 */
export function obstacleLook(adminNow: () => Admin | undefined): () => Promise<string[]> {
  let running: Promise<string[]> | undefined;
  return () => (running ??= look(adminNow()).finally(() => (running = undefined)));
}

async function look(admin: Admin | undefined): Promise<string[]> {
  if (!admin) throw new Error('mysqld does not serve');
  return switchoverObstacles(admin, { deadlineMs: LOOK_MS });
}
