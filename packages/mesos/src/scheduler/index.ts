export * as calls from './calls.ts';
export type { Call } from './calls.ts';
export { SchedulerConnection } from './connection.ts';
export type { MasterEvent, RefusalReason, SchedulerConnectionEvent } from './events.ts';
export type { SchedulerOptions } from './options.ts';
export type { CallResult } from './subscription.ts';
