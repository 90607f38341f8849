/**
 * The administration sessions of one incarnation: a few connections over its socket, opened once and held
 * (a waiting ALTER USER blocks new ones). Pass it to the verbs of this package. Calls may run at the same time.
 */
export declare class Admin {
  readonly incarnation: number;
  close(): void;
}
