import type { Admin } from './admin.ts';
import { hasCode, MysqlOpsError } from './error.ts';
import { type ReplicationSource, requireReplicationPassword } from './follow.ts';
import { type Limit, sleep, within } from './limit.ts';
import { requireReadOnly, setReadOnly } from './read-only.ts';
import { clearRebuildMark, writeRebuildMark } from './rebuild-mark.ts';
import { MysqlServer } from './server.ts';

export interface CloneOptions {
  signal?: AbortSignal;
  /** Give up after this long without progress; default 60 s. */
  stalledMs?: number;
  onProgress?: (percent: number) => void;
}

const STEP_MS = 30_000;
const STALLED_MS = 60_000;
const PROGRESS_EVERY_MS = 500;
const EXIT_MS = 120_000;
const CLONE_MAX_MS = 7 * 24 * 3600 * 1000;
/** "Restart server failed (mysqld is not managed by supervisor process)": the clone is done and mysqld exits. */
const RESTART_FAILED = 3707;
/** Its text is the donor's: its error number and message. */
const DONOR_ERROR = 3862;
const TOO_MANY_CLONES = ': 3634 : ';

/**
 * Replaces this instance's data with a copy of the donor's and starts a new incarnation under a fresh server UUID,
 * closed and following nobody. When it fails, mysqld was killed and its data are gone: go on with
 * `prepareDataDirectory`, which also repairs what a crash leaves at any step. After `donor_busy` alone nothing is gone:
 * mysqld serves on, closed and following nobody, with its clients shut out until it follows or leads.
 * @throws MysqlOpsError `donor_busy`: try again later; `clone_failed`, `not_read_only`, `start_failed`, `start_stalled`,
 * `aborted`
 */
export async function cloneFrom(
  server: MysqlServer,
  admin: Admin,
  donor: ReplicationSource,
  options: CloneOptions = {},
): Promise<{ server: MysqlServer; admin: Admin }> {
  const { volume } = server.options.data;
  const limit: Limit = { deadlineMs: STEP_MS, signal: options.signal };
  requireReplicationPassword(donor.password);
  await requireReadOnly(admin, limit);
  // From here on what the data directory holds is not to be trusted, until the donor's data are whole.
  await writeRebuildMark(volume, 'cloning');
  try {
    await prepareRecipient(admin, donor, limit);
    server.expectExit(true);
    await copy(admin, donor, options);
    await writeRebuildMark(volume, 'cloned');
  } catch (error) {
    await (hasCode(error, 'donor_busy') ? takeBack(server, admin, limit) : server.kill());
    throw error;
  }
  await within({ deadlineMs: EXIT_MS }, server.exited).catch(() => server.kill());
  const next = await MysqlServer.start(server.options);
  try {
    return { server: next, admin: await next.waitUntilServing({ signal: options.signal }) };
  } catch (error) {
    await next.kill();
    throw error;
  }
}

/** CLONE needs a mysqld that is not super_read_only; read_only and offline mode keep every client out meanwhile. */
async function prepareRecipient(admin: Admin, donor: ReplicationSource, limit: Limit): Promise<void> {
  await admin.on('steps', limit, async (session) => {
    // No RESET: what it received stays should the donor be busy, and else goes in `prepareRebuilt`.
    await session.run('STOP REPLICA', [], limit);
    await session.run('SET GLOBAL offline_mode = ON', [], limit);
    await session.run('SET GLOBAL clone_valid_donor_list = ?', [`${donor.host}:${donor.port}`], limit);
    await session.run('SET GLOBAL super_read_only = OFF', [], limit);
  });
}

/** A busy donor refuses before anything is dropped here (MySQL 9.7, tried; and read in its sources). */
async function takeBack(server: MysqlServer, admin: Admin, limit: Limit): Promise<void> {
  try {
    await clearRebuildMark(server.options.data.volume);
    await setReadOnly(admin, true, limit);
    server.expectExit(false);
  } catch (error) {
    await server.kill();
    throw error;
  }
}

async function copy(admin: Admin, donor: ReplicationSource, options: CloneOptions): Promise<void> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const stalled = watchProgress(admin, options, signal);
  const copied = admin.on('steps', { deadlineMs: CLONE_MAX_MS, signal }, (session) =>
    session.run(
      'CLONE INSTANCE FROM ?@?:? IDENTIFIED BY ? REQUIRE NO SSL',
      [donor.user, donor.host, donor.port, donor.password],
      { deadlineMs: CLONE_MAX_MS, signal },
    ),
  );
  try {
    await Promise.race([copied, stalled]);
    throw new MysqlOpsError('clone_failed', 'mysqld did not restart');
  } catch (error) {
    if (error instanceof MysqlOpsError && error.errno === RESTART_FAILED) return;
    if (options.signal?.aborted || !(error instanceof MysqlOpsError)) throw error;
    const code = isDonorBusy(error) ? 'donor_busy' : 'clone_failed';
    throw new MysqlOpsError(code, error.message, { cause: error, errno: error.errno });
  } finally {
    stop.abort();
    copied.catch(() => undefined);
    stalled.catch(() => undefined);
  }
}

function isDonorBusy({ errno, message }: MysqlOpsError): boolean {
  return errno === DONOR_ERROR && message.includes(TOO_MANY_CLONES);
}

/** Rejects when the clone makes no progress; otherwise runs until `signal`. */
async function watchProgress(admin: Admin, options: CloneOptions, signal: AbortSignal): Promise<never> {
  const stalledMs = options.stalledMs ?? STALLED_MS;
  let seen = '';
  let changedAt = performance.now();
  for (;;) {
    await sleep(PROGRESS_EVERY_MS, signal);
    const progress = await readProgress(admin, { deadlineMs: stalledMs, signal }).catch(() => undefined);
    if (progress && progress.fingerprint !== seen) {
      seen = progress.fingerprint;
      changedAt = performance.now();
      options.onProgress?.(progress.percent);
    }
    if (performance.now() - changedAt > stalledMs)
      throw new MysqlOpsError('clone_failed', 'it makes no progress');
  }
}

async function readProgress(admin: Admin, limit: Limit): Promise<{ percent: number; fingerprint: string }> {
  const row = await admin.on('observe', limit, (session) => session.row(PROGRESS, [], limit));
  const [done, all] = [Number(row.done), Number(row.estimate)];
  const percent = all > 0 ? Math.min(100, Math.floor((100 * done) / all)) : 0;
  return { percent, fingerprint: `${done} ${String(row.stages)}` };
}

const PROGRESS = `SELECT SUM(DATA) AS done, SUM(ESTIMATE) AS estimate, GROUP_CONCAT(STAGE, STATE) AS stages
  FROM performance_schema.clone_progress`;
