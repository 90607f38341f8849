export { BANNER } from './stand-in.ts';
export { startLocalMesos, type LocalMesos, type LocalMesosOptions } from './local/local-mesos.ts';
export { startAgent, startMaster, type AgentOptions, type MasterOptions } from './local/start.ts';
export { EndedEarly } from './local/managed-process.ts';
export { ProcessHandle, AgentHandle, MasterHandle } from './local/handles.ts';
