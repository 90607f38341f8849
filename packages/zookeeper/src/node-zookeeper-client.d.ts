/** The parts of node-zookeeper-client 1.1.3 that we use, its inner ones included (see library.ts for why). */
declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface Stat {
    czxid: Buffer;
    version: number;
    ephemeralOwner: Buffer;
  }
  export interface Exception extends Error {
    getCode(): number;
  }
  export interface State {
    readonly name: string;
  }
  export interface Acl {
    readonly permission: number;
  }
  export type Failure = Exception | null | undefined;

  export interface WireOp {
    type: number;
    path: string;
    data?: Buffer;
    version?: number;
    acls?: Acl[];
    mode?: number;
  }
  export interface WireResult {
    type: number;
    err?: number;
    path?: string;
    stat?: Stat;
  }
  export interface Transaction {
    readonly ops: WireOp[];
    create(path: string, data: Buffer, acls: Acl[], mode: number): this;
    setData(path: string, data: Buffer, version: number): this;
    remove(path: string, version: number): this;
    check(path: string, version: number): this;
    commit(done: (error: Failure, results: WireResult[] | undefined) => void): void;
  }

  export interface ConnectionManager extends EventEmitter {
    state: number;
    socket: Socket | undefined;
    connectTimeoutHandler: NodeJS.Timeout | undefined;
    packetQueue: { queue: unknown[] };
    watcherManager: object;
    onSocketData(chunk: Buffer): void;
    findNextServer(found: (server: object) => void): void;
    setState(state: number): void;
  }

  export interface Client extends EventEmitter {
    readonly connectionManager: ConnectionManager;
    connect(): void;
    close(): void;
    addAuthInfo(scheme: string, auth: Buffer): void;
    getSessionId(): Buffer;
    getSessionTimeout(): number;
    exists(
      path: string,
      watcher: (() => void) | undefined,
      done: (error: Failure, stat?: Stat | null) => void,
    ): void;
    getData(
      path: string,
      watcher: (() => void) | undefined,
      done: (error: Failure, data?: Buffer, stat?: Stat) => void,
    ): void;
    getChildren(
      path: string,
      watcher: (() => void) | undefined,
      done: (error: Failure, children?: string[]) => void,
    ): void;
    transaction(): Transaction;
  }

  const library: {
    createClient(
      servers: string,
      options: { sessionTimeout: number; spinDelay: number; retries: number },
    ): Client;
    State: Record<'DISCONNECTED' | 'SYNC_CONNECTED' | 'EXPIRED' | 'AUTH_FAILED', State>;
    ACL: Record<'OPEN_ACL_UNSAFE' | 'CREATOR_ALL_ACL', Acl[]>;
    CreateMode: Record<'PERSISTENT' | 'PERSISTENT_SEQUENTIAL' | 'EPHEMERAL' | 'EPHEMERAL_SEQUENTIAL', number>;
  };
  export default library;
}
