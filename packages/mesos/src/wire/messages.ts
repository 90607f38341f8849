import { codec } from './codec.ts';

/** What a scheduler sends to the master. */
export const schedulerCall = codec('scheduler.Call');
/** What a scheduler gets on its stream. */
export const schedulerEvent = codec('scheduler.Event');
/** What an executor sends to its agent. */
export const executorCall = codec('executor.Call');
/** What an executor gets on its stream. */
export const executorEvent = codec('executor.Event');
/** An operator's call to the master, and the answer. */
export const masterCall = codec('master.Call');
export const masterResponse = codec('master.Response');
/** What the leading master writes, as JSON, to `json.info_*` in ZooKeeper. */
export const masterInfo = codec('MasterInfo');
