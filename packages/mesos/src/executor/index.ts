export { ExecutorConnection, type ExecutorOptions, type Update } from './connection.ts';
export { parseDuration } from './duration.ts';
export { executorEnvironment, type ExecutorEnvironment } from './environment.ts';
export type { AgentEvent, ExecutorConnectionEvent } from './events.ts';
