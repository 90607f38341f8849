import { formatGtidSet, type GtidSet, parseGtidSet, subtractGtidSets, unionGtidSets } from '@cotton/core';
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { DataDirectory } from './data-directory.ts';
import { syncPath } from './durable-files.ts';
import { MysqlOpsError } from './error.ts';
import type { MysqlInstallation } from './installation.ts';
import type { Limit } from './limit.ts';

export interface ErrantSource {
  installation: MysqlInstallation;
  data: DataDirectory;
  /** GTID set of the transactions to save. */
  errant: string;
  /** Where slices are kept; made when it is missing. */
  directory: string;
}

export interface SavedSlice {
  file: string;
  gtids: string;
  bytes: number;
}

/** mysqlbinlog reads every log there is, from whatever disk. */
const BYTES_PER_MS = 10_000;

/** Binary logs and relay logs, in the order in which they were written. */
const LOGS = /^(binlog|relay(-[a-z0-9_]+)?)\.\d{6,}$/;

/**
 * Writes transactions of this instance out of its binary and relay logs as one file of SQL: to be read (rows stand in
 * comments) and to be replayed with a MySQL client. mysqld may run. The same set gets the same file. What was received
 * in part only is not in it, as it is in no GTID set. The limit is longer by a second for each 10 MB of logs.
 * @throws MysqlOpsError `slice_failed`: nothing was left behind
 */
export async function saveErrant(source: ErrantSource, limit: Limit): Promise<SavedSlice> {
  const { data, directory, errant } = source;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await syncPath(dirname(directory));
  const name = `${createHash('sha256').update(errant).digest('hex').slice(0, 16)}.sql`;
  const file = join(directory, name);
  const temporary = `${file}.new`;
  try {
    const names = (await readdir(data.path)).filter((log) => LOGS.test(log)).sort();
    const logs = await legible(names.map((log) => join(data.path, log)));
    const sizes = await Promise.all(logs.map(async (log) => (await stat(log)).size));
    const readingMs = sizes.reduce((sum, size) => sum + size, 0) / BYTES_PER_MS;
    await writeSlice(source, logs, temporary, { ...limit, deadlineMs: limit.deadlineMs + readingMs });
    await requireWhole(temporary, errant);
    await makeDurable(temporary);
    await rename(temporary, file);
    await syncPath(directory);
    return { file, gtids: errant, bytes: (await stat(file)).size };
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof MysqlOpsError) throw cause;
    throw new MysqlOpsError('slice_failed', (cause as Error).message.slice(0, 500), { cause });
  }
}

/**
 * Without relay logs that have lost their heads (a host that lost power): mysqlbinlog refuses all logs for the sake of
 * one, and of what such a one held nothing can be told. What is missing then is found out in the end.
 */
async function legible(logs: string[]): Promise<string[]> {
  const heads = await Promise.all(logs.map(hasHead));
  return logs.filter((log, index) => heads[index] || basename(log).startsWith('binlog'));
}

const MAGIC = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
/** Within the header of the first event, behind time, type and server id. */
const LENGTH_AT = MAGIC.length + 9;

/** The magic number, and the first event as long as it says that it is. */
async function hasHead(log: string): Promise<boolean> {
  const handle = await open(log);
  try {
    const head = Buffer.alloc(LENGTH_AT + 4);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead < head.length || !head.subarray(0, MAGIC.length).equals(MAGIC)) return false;
    return (await handle.stat()).size >= MAGIC.length + head.readUInt32LE(LENGTH_AT);
  } finally {
    await handle.close();
  }
}

async function writeSlice(
  { installation, errant }: ErrantSource,
  logs: string[],
  file: string,
  { deadlineMs, signal }: Limit,
): Promise<void> {
  const [program = '', ...args] = installation.program('mysqlbinlog');
  const options = ['--no-defaults', `--include-gtids=${errant}`, '--verbose'];
  const reading = execa(program, [...args, ...options, ...logs], {
    timeout: Math.ceil(deadlineMs),
    cancelSignal: signal,
    buffer: { stdout: false },
  });
  if (!reading.stdout) throw new MysqlOpsError('slice_failed', 'mysqlbinlog gives no output');
  await Promise.all([pipeline(reading.stdout, createWriteStream(file, { mode: 0o600 })), reading]);
}

/** Logs may have been purged: what is not in the slice must not be thrown away as saved. */
async function requireWhole(file: string, errant: string): Promise<void> {
  let saved: GtidSet = new Map();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const gtid = /^SET @@SESSION\.GTID_NEXT= '([0-9a-f][^']*:\d+)'/.exec(line)?.[1];
    if (gtid !== undefined) saved = unionGtidSets(saved, parseGtidSet(gtid));
  }
  const missing = subtractGtidSets(parseGtidSet(errant), saved);
  if (missing.size > 0)
    throw new MysqlOpsError('slice_failed', `${formatGtidSet(missing)} is in no log any more`);
}

async function makeDurable(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
