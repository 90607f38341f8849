/** The cluster model and every decision about it. What only other decisions need stays inside. */
export type { AgentOffer, Footprint } from './agent-offer.ts';
export { type Ballot, countBallot, type Winner } from './ballot.ts';
export { decide, type Decision, type Kill } from './decide.ts';
export {
  type Control,
  type ControlSwitchover,
  type DataIdentity,
  encodeDocument,
  ERRANT_SLICES_MAX,
  type ErrantSlice,
  type HandedOver,
  type LeadStatus,
  type Member,
  type MysqldState,
  parseControl,
  parseStatus,
  type Place,
  type Phase,
  type Position,
  type ReplicationStatus,
  type Status,
  STATUS_MESSAGE_MAX,
  type Voter,
} from './documents.ts';
export { type Duty, dutyOf, isOlderControl, type Self } from './duty.ts';
export { currentGeneration, isSettled, votersOf } from './electorate.ts';
export { DocumentError } from './errors.ts';
export { leadOf, type Observation } from './evidence.ts';
export {
  containsGtidSet,
  formatGtidSet,
  GtidError,
  type GtidSet,
  parseGtidSet,
  subtractGtidSets,
  unionGtidSets,
} from './gtid.ts';
export { containsGtidText, subtractGtidTexts, unionGtidTexts } from './gtid-text.ts';
export {
  CLUSTER_NODES_MAX,
  clusterNameProblem,
  instanceId,
  type NameProblem,
  RESERVED_CLUSTER_NAMES,
  sameClusterName,
  serverId,
  taskId,
  volumeId,
} from './identity.ts';
export { mayBeLater } from './later-tasks.ts';
export { adjustMembership, awaitsRelease, showsWhatIsLeft, wantsTask } from './membership.ts';
export { fromOtherClock } from './other-clock.ts';
export { applyLaunch, type Launch, place, type Placement } from './placement.ts';
export { controlOf, type Discovery, discoveryOf, type Endpoint } from './publish.ts';
export {
  ackCountOf,
  type AuditStep,
  type ClusterRecord,
  type ClusterSize,
  type ClusterSpec,
  DEFAULT_DURABILITY,
  type Durability,
  type Election,
  encodeClusterRecord,
  type Generation,
  type Home,
  type Incarnation,
  type Instance,
  type NewCluster,
  newClusterRecord,
  parseClusterRecord,
  type PromotionPreference,
  type Switchover,
  type Task,
  type TaskState,
  type Transition,
} from './record.ts';
export { applyReleased, type Release } from './release.ts';
export {
  deleteCluster,
  failOver,
  type FailoverRequest,
  resizeCluster,
  setDurability,
  setHold,
  setPromotion,
} from './requests.ts';
export { beginSwitchover, type SwitchoverAnswer, type SwitchoverRequest } from './switchover.ts';
export { encodeTaskData, type InstanceSecrets, parseTaskData, type TaskData } from './task-data.ts';
export { applyTaskUpdate, concernedBy, lastTaskId, type TaskUpdate } from './task-life.ts';
export {
  BLOCKED_AFTER_MS,
  type ClusterState,
  type ClusterView,
  type MemberState,
  type MemberView,
  viewOf,
} from './view.ts';
