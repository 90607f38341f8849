import type { FastifyBaseLogger } from 'fastify';
import type { AccessList } from './access-list.ts';

/** Files of the dashboard by address, such as `/` and `/assets/app.js`. */
export type DashboardFiles = ReadonlyMap<string, { type: string; body: Buffer | string }>;

export interface HttpOptions {
  /** undefined: access control is off. */
  access?: AccessList | undefined;
  /** Is this the cluster's own password? False when there is no such cluster. Must compare in constant time. */
  passwordMatches(cluster: string, password: string): boolean;
  /** Host that browsers may name besides loopback and IP addresses, where the server listens on loopback only. */
  advertise?: string | undefined;
  /** Listening on loopback without access control: requests under any other host name are refused. */
  loopbackOnly?: boolean;
  /** `host:port` of the leading master and the framework's id, for people. */
  mesos?(): { master: string | null; frameworkId: string | null };
  dashboard?: DashboardFiles | undefined;
  log?: FastifyBaseLogger;
  tls?: { cert: string | Buffer; key: string | Buffer } | undefined;
}
