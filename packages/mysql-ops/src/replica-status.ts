import { gtidText } from './gtid-text.ts';
import type { Limit } from './limit.ts';
import type { Session } from './session.ts';

export interface ReplicaState {
  /** A replication channel is configured. */
  configured: boolean;
  /** `serverUuid` is empty until the first connection. */
  source?: { host: string; port: number; serverUuid: string };
  receiver: 'running' | 'connecting' | 'stopped';
  applierRunning: boolean;
  receiverError?: string;
  applierError?: string;
  /** The applier stopped because it cannot read what was received. */
  receivedUnreadable: boolean;
  /** Whole transactions in the relay log, applied or not. */
  received: string;
  executed: string;
  /** Seconds behind the source; null while unknown. */
  lagSeconds: number | null;
  /** It acknowledges: the running receiver started with semi-sync on. */
  semiSync: boolean;
}

const RECEIVER = { Yes: 'running', Connecting: 'connecting' } as const;

/** Stays readable while a receiver hangs on a full disk. */
export async function readReplicaState(session: Session, limit: Limit): Promise<ReplicaState> {
  const [status] = await session.rows('SHOW REPLICA STATUS', [], limit);
  const own = await session.row(OWN_SIDE, [], limit);
  const executed = gtidText(own.executed);
  if (!status) {
    return {
      configured: false,
      receiver: 'stopped',
      applierRunning: false,
      receivedUnreadable: false,
      received: '',
      executed,
      lagSeconds: null,
      semiSync: false,
    };
  }
  const receiver = RECEIVER[status.Replica_IO_Running as keyof typeof RECEIVER] ?? 'stopped';
  const lag = status.Seconds_Behind_Source;
  return {
    configured: status.Source_Host !== '',
    source: {
      host: String(status.Source_Host),
      port: Number(status.Source_Port),
      serverUuid: String(status.Source_UUID),
    },
    receiver,
    applierRunning: status.Replica_SQL_Running === 'Yes',
    receiverError: errorText(status.Last_IO_Errno, status.Last_IO_Error),
    applierError: errorText(status.Last_SQL_Errno, status.Last_SQL_Error),
    receivedUnreadable: isUnreadable(Number(status.Last_SQL_Errno), String(status.Last_SQL_Error)),
    received: gtidText(status.Retrieved_Gtid_Set),
    executed,
    lagSeconds: lag === null || lag === undefined ? null : Number(lag),
    semiSync: own.semi_sync === 'ON' && receiver === 'running',
  };
}

const OWN_SIDE = `SELECT @@GLOBAL.gtid_executed AS executed, (SELECT VARIABLE_VALUE
  FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_replica_status') AS semi_sync`;

function errorText(errno: unknown, message: unknown): string | undefined {
  return Number(errno) === 0 ? undefined : `${String(errno)}: ${String(message)}`;
}

const FATAL = 13117;
const READ_FAILURE = 13121;

/** Under the number of everything fatal MySQL says bare why it cannot open a relay log, and the rest with a prefix. */
function isUnreadable(errno: number, message: string): boolean {
  return errno === READ_FAILURE || (errno === FATAL && !message.startsWith('Fatal error'));
}
