import { hasCode } from './error.ts';
import type { Countdown, Limit } from './limit.ts';
import { ADMIN_USER, type Row, type Session } from './session.ts';

/**
 * The server's own list of sessions. That of performance_schema has no states where its instruments are off, and
 * leaves sessions out when its memory is used up: whoever looks for the last dump thread must see all of them.
 */
const SESSIONS = 'SELECT ID AS id, USER AS user, COMMAND AS command, TIME AS time_s, STATE AS state';
const FROM = 'FROM information_schema.PROCESSLIST';

/** As MySQL calls whoever has not told who it is, or whose password is being looked at. */
const LOGGING_IN = 'unauthenticated user';

/**
 * A condition: neither the server's own, nor ours, nor a replica's. The cluster's user cannot give REPLICATION SLAVE. It
 * can give an account any name, but whoever comes over the network has a port in HOST, and the server and we do not.
 */
export const IS_CLIENT = `NOT (USER IN ('system user', 'event_scheduler', '${ADMIN_USER}') AND HOST NOT LIKE '%:%')
  AND USER NOT IN (SELECT user FROM mysql.user WHERE host = '%' AND Repl_slave_priv = 'Y')`;

const NO_SUCH_THREAD = 1094;
const POLL_MS = 5;
/** A login takes less; one that takes longer is ended. */
const LOGIN_MS = 100;

/** `condition` is a constant of this package, with `?` for its values. */
export async function sessionsWhere(
  session: Session,
  condition: string,
  values: unknown[],
  limit: Limit,
): Promise<Row[]> {
  return session.rows(`${SESSIONS} ${FROM} WHERE ${condition}`, values, limit);
}

/** Ends a session, or finds that it has ended. What it is doing may take a while to end. */
export async function killSession(session: Session, id: number, limit: Limit): Promise<void> {
  await session.run('KILL ?', [id], limit).catch((error: unknown) => {
    if (!hasCode(error, 'statement_failed') || error.errno !== NO_SUCH_THREAD) throw error;
  });
}

/**
 * Ends the sessions that fulfil `condition` and waits until none is left. Whoever was about to log in meanwhile might
 * become one of them and is waited for; whoever comes later must be kept out by other means.
 */
export async function endSessions(
  session: Session,
  condition: string,
  values: unknown[],
  time: Countdown,
): Promise<void> {
  const beganAtMs = performance.now();
  let newestId: number | undefined;
  for (;;) {
    const found = await sessionsWhere(
      session,
      `(${condition}) OR USER = ?`,
      [...values, LOGGING_IN],
      time.left(),
    );
    newestId ??= Math.max(...found.map((row) => Number(row.id)));
    const isLate = performance.now() - beganAtMs > LOGIN_MS;
    let left = 0;
    for (const { id, user } of found) {
      if (user === LOGGING_IN && Number(id) > newestId) continue;
      left++;
      if (user !== LOGGING_IN || isLate) await killSession(session, Number(id), time.left());
    }
    if (left === 0) return;
    await time.pause(POLL_MS);
  }
}

/**
 * Ends every client's session and lets no new one in, until offline_mode is switched off. A commit that waits for an
 * acknowledgement goes on waiting, but its client is gone: whatever lets it go from now on, nobody is told OK.
 */
export async function shutClientsOut(session: Session, time: Countdown): Promise<void> {
  await session.run('SET GLOBAL offline_mode = ON', [], time.left());
  // KILL closes the connection before it returns; the session itself may take as long as its work does.
  await endSessions(session, `${IS_CLIENT} AND COMMAND <> 'Killed'`, [], time);
}

/** Ends every client's session, and does not wait for it. Returns how many there were. */
export async function killClients(session: Session, limit: Limit): Promise<number> {
  const clients = await sessionsWhere(session, IS_CLIENT, [], limit);
  for (const { id } of clients) await killSession(session, Number(id), limit);
  return clients.length;
}
