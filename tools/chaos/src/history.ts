/** What is remembered of one round: what clients saw, what the API said, and what every member holds in the end. */

/** One life of one mysqld: `<server uuid>@<second of its start>`. */
export type Incarnation = string;

/** One statement or transaction a client sent. All times are ms of this process's own clock. */
interface Attempt {
  /** Each client has a number of its own in its round. */
  client: number;
  /** Counts each client's attempts; a new attempt always has a new one. */
  seq: number;
  /** Who answered, or was asked. */
  server: Incarnation;
  startedMs: number;
  endedMs: number;
  /** Without it nobody promised anything: it may have happened or not. */
  isAcknowledged: boolean;
  /** Of an acknowledged transaction, as the server told it. */
  gtid?: string;
}

export interface Write extends Attempt {
  kind: 'write';
}

export interface Transfer extends Attempt {
  kind: 'transfer';
  from: number;
  to: number;
  amount: number;
}

/** One more in the counter that all share. */
export interface Increment extends Attempt {
  kind: 'increment';
}

/** One consistent look at everything, on the server that discovery calls the primary. */
export interface Read {
  client: number;
  server: Incarnation;
  startedMs: number;
  endedMs: number;
  /** Highest `seq` of each writing client. */
  highest: Record<number, number>;
  /** Of all accounts. */
  sum: number;
}

/** What `GET /clusters/<name>` said; kept when it changed. */
export interface Sight {
  atMs: number;
  epoch: number;
  state: string;
  primary: string | null;
  reason: string;
}

/** What one member holds when all is over. */
export interface Holding {
  instance: string;
  /** `client:seq` of each row, in order. */
  writes: string[];
  /** `client:seq:from:to:amount` of each row, in order. */
  transfers: string[];
  /** By account. */
  balances: number[];
  counter: number;
  /** Everything above as it is stored, to be compared byte for byte. */
  digest: string;
  executed: string;
}

export interface History {
  writes: Write[];
  transfers: Transfer[];
  increments: Increment[];
  reads: Read[];
  sights: Sight[];
  /** The first is the primary's. */
  holdings: Holding[];
  /** Transactions that a member was seen to have executed and that the primary lacks in the end, by member. */
  strays: Record<string, string>;
  /** Errant transactions that Cotton reported during the round. */
  reported: string;
}

export interface Bank {
  accounts: number;
  opening: number;
}

export const BANK: Bank = { accounts: 8, opening: 1000 };
