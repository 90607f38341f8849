import type { Admin } from './admin.ts';
import { countdown, type Limit } from './limit.ts';
import { marker } from './marker.ts';
import { applyAckCount, requireAckCount } from './primary.ts';

/**
 * Sets the acknowledgements that commits wait for and proves that they are in force: a marker was committed after they
 * were set, so many replicas have acknowledged it, and with it everything before it. (Waiters let go by the change
 * itself are none of those.) Returns the marker's GTID; with 0 there is nothing to wait for, and it is ''.
 *
 * Going to 0 answers OK to everybody who waits: only after that was persisted. Bar whoever may no longer acknowledge
 * (`setAdmission`) before this, not after.
 * @throws MysqlOpsError `deadline`: set, but not acknowledged in time; `statement_failed`: closed, or not in force
 */
export async function confirmAcknowledged(admin: Admin, ackCount: number, limit: Limit): Promise<string> {
  const time = countdown(limit);
  // The marker is written within the step, so that no other step changes the rules under it.
  return admin.on('steps', limit, async (session) => {
    await applyAckCount(session, ackCount, time.left());
    const gtid = ackCount > 0 ? await marker(admin, time.left()) : '';
    await requireAckCount(session, ackCount, time.left());
    return gtid;
  });
}
