import type { Admin } from './admin.ts';
import { MysqlOpsError } from './error.ts';
import type { ReplicationSource } from './follow.ts';
import { gtidText } from './gtid-text.ts';
import type { Limit } from './limit.ts';
import { position } from './replication.ts';
import { Session } from './session.ts';

/** What an instance's data allow: follow the source as they are, be replaced, or be saved and then replaced. */
export type Fit =
  /** `sourceExecuted`: what the source had by then. */
  | { fit: 'replicate'; sourceExecuted: string }
  /** The source has purged `missing` from its binary logs. */
  | { fit: 'clone'; missing: string }
  /** Transactions here that the source does not have. */
  | { fit: 'errant'; errant: string };

/**
 * Compares this instance with a source, over the source's MySQL port. The own side is read first: read the other way
 * round, what arrived in between would look errant.
 * @throws MysqlOpsError `unreachable`, `wrong_source`, `deadline`
 */
export async function fits(admin: Admin, source: ReplicationSource, limit: Limit): Promise<Fit> {
  const own = await position(admin, limit);
  const theirs = await inspect(source, limit);
  return admin.on('observe', limit, async (session) => {
    const subtract = async (set: string, less: string): Promise<string> =>
      gtidText((await session.row('SELECT GTID_SUBTRACT(?, ?) AS rest', [set, less], limit)).rest);
    const ownAll = [own.executed, own.received].filter((set) => set !== '').join(',');
    const surplus = await subtract(ownAll, theirs.executed);
    // Here before its acknowledgement came: an open source shows its own newest transactions later than we do.
    const errant = theirs.isOpen ? withoutSource(surplus, source.serverUuid) : surplus;
    if (errant !== '') return { fit: 'errant', errant };
    const missing = await subtract(theirs.purged, ownAll);
    return missing === '' ? { fit: 'replicate', sourceExecuted: theirs.executed } : { fit: 'clone', missing };
  });
}

interface SourceSide {
  executed: string;
  purged: string;
  isOpen: boolean;
}

async function inspect(source: ReplicationSource, limit: Limit): Promise<SourceSide> {
  const { host, port, user, password, serverUuid } = source;
  const session = await Session.open({ host, port, user, password }, limit);
  try {
    const row = await session.row(SOURCE_SIDE, [], limit);
    if (row.uuid !== serverUuid) {
      throw new MysqlOpsError('wrong_source', `${host}:${port} is ${String(row.uuid)}, not ${serverUuid}`);
    }
    const isOpen = Number(row.closed) === 0;
    return { executed: gtidText(row.executed), purged: gtidText(row.purged), isOpen };
  } finally {
    session.destroy();
  }
}

const SOURCE_SIDE = `SELECT @@server_uuid AS uuid, @@GLOBAL.super_read_only AS closed,
  @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged`;

function withoutSource(set: string, uuid: string): string {
  const sources = set
    .split(',')
    .filter((source) => !source.toLowerCase().startsWith(`${uuid.toLowerCase()}:`));
  return sources.join(',');
}
