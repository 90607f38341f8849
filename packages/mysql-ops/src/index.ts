/** Everything done to one mysqld. SQL and process facts live here only; docs/clustering.md tells the story around them. */
export {
  type Account,
  type AccountPlan,
  ensureAccounts,
  MAX_PASSWORD_BYTES,
  requireAccount,
} from './accounts.ts';
export { type Admin } from './admin.ts';
export { type Admission, setAdmission } from './admission.ts';
export { cloneFrom, type CloneOptions } from './clone.ts';
export { type ServerSettings, SOCKET } from './config.ts';
export {
  type DataDirectory,
  type Owner,
  prepareDataDirectory,
  type PrepareOptions,
  type VolumeIdentity,
  volumeOwner,
} from './data-directory.ts';
export { type DiskPlan, planDisk } from './disk.ts';
export { type DiskProbeResult, probeDisk } from './disk-probe.ts';
export { writeDurably } from './durable-files.ts';
export { type ErrantSource, saveErrant, type SavedSlice } from './errant.ts';
export { hasCode, MYSQL_OPS_ERRORS, MysqlOpsError, type MysqlOpsErrorCode } from './error.ts';
export { enableEvents, noteDisabledEvents } from './events.ts';
export { type Fit, fits } from './fits.ts';
export { follow, type FollowOptions, type ReplicationSource, setReplicaSemiSync } from './follow.ts';
export { handOver, reopen } from './hand-over.ts';
export { findHostMysql, type MysqlInstallation, openMysqlTree } from './installation.ts';
export { type Limit } from './limit.ts';
export { marker } from './marker.ts';
export { type MemoryPlan, type MemoryShare, MIN_TASK_MB, planMemory } from './memory.ts';
export { type MysqlStatistics, sampleStatistics } from './metrics.ts';
export { type ObstacleLimits, switchoverObstacles } from './obstacles.ts';
export { type Overlay, type OverlayProblem, type OverlaySetting, readOverlay } from './overlay.ts';
export {
  killClientSessions,
  openForWrites,
  type OpenOptions,
  type PrimaryState,
  primaryState,
  setAckCount,
} from './primary.ts';
export { USER_DYNAMIC_PRIVILEGES, USER_PRIVILEGES, WITHHELD } from './privileges.ts';
export { probe, type ProbeResult } from './probe.ts';
export { binaryLogBytes, purgeBinaryLogs } from './purge.ts';
export { setReadOnly } from './read-only.ts';
export { forgetReceived } from './relay-logs.ts';
export { type ReplicaState } from './replica-status.ts';
export {
  applyAllReceived,
  dismissWaiters,
  type Position,
  position,
  replicaState,
  resumeApplier,
  stopReceiving,
  waitForGtid,
} from './replication.ts';
export { RULES, type Rule } from './rules.ts';
export {
  MysqlServer,
  type ServerEnd,
  type ServerExit,
  type ServerOptions,
  type ServingOptions,
} from './server.ts';
export { lockVolume, type VolumeLock } from './volume-lock.ts';
