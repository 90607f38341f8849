/** A client of Mesos' v1 HTTP API; README.md describes it. */
export { MesosError, type MesosErrorCode } from './error.ts';
export { ExecutorConnection, type ExecutorOptions, type Update } from './executor/connection.ts';
export { type ExecutorEnvironment, executorEnvironment } from './executor/environment.ts';
export type { AgentEvent, ExecutorConnectionEvent } from './executor/events.ts';
export { type Origin, originOfMasterInfo, parseMasterAddress } from './master/address.ts';
export { type MasterFinder, masterFinder } from './master/finder.ts';
export { leaderAmong } from './master/leader.ts';
export type { ZooKeeperFinderOptions } from './master/zookeeper-finder.ts';
export { OperatorClient, type OperatorOptions } from './operator/client.ts';
export * as resources from './resources/index.ts';
export * as calls from './scheduler/calls.ts';
export type { Call } from './scheduler/calls.ts';
export { SchedulerConnection } from './scheduler/connection.ts';
export type { MasterEvent, RefusalReason, SchedulerConnectionEvent } from './scheduler/events.ts';
export type { SchedulerOptions } from './scheduler/options.ts';
export type { CallResult } from './scheduler/subscription.ts';
export type { BasicCredential } from './transport/auth.ts';
export { encodeRecord, RecordDecoder } from './transport/recordio.ts';
export type { After } from './transport/time.ts';
export { type Codec, codec, JSON_TYPE, type MediaType, PROTOBUF } from './wire/codec.ts';
// All messages of the schema, some 250: whoever writes a framework meets many of them.
export type * from './wire/generated/types.ts';
export {
  executorCall,
  executorEvent,
  masterCall,
  masterInfo,
  masterResponse,
  schedulerCall,
  schedulerEvent,
} from './wire/messages.ts';
export { durationInfo, milliseconds } from './wire/time.ts';
