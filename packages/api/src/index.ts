/** The HTTP contract: what is asked and answered, its errors, and a client. */
export { ApiClient, type ApiClientOptions, type CallOptions, newIdempotencyKey } from './client.ts';
export { HEARTBEAT_BOUND } from './durability.ts';
export { formatDuration, parseDuration } from './durations.ts';
export {
  ApiError,
  type ClientErrorCode,
  type ErrorCode,
  ERRORS,
  type FieldProblem,
  isErrorCode,
  type Problem,
  PROBLEM_CONTENT_TYPE,
  toProblem,
} from './errors.ts';
export type { Followed } from './event-stream.ts';
export { SCHEDULER_EXIT_CODES, type SchedulerExit } from './exit-codes.ts';
export { CLUSTER_NAME_PATTERN, IDEMPOTENCY_HEADER, isIdempotencyKey, NUM_NODES_MAX } from './fields.ts';
export {
  CreateClusterRequest,
  DeleteClusterRequest,
  FailoverRequest,
  PatchClusterRequest,
  SwitchoverRequest,
} from './request-schemas.ts';
export {
  type CreateCluster,
  parseCreateRequest,
  parseDeleteRequest,
  parsePatchRequest,
  type PatchCluster,
  refusePasswordInQuery,
} from './requests.ts';
export { ClusterName, Size } from './schema-parts.ts';
export {
  AuditStep,
  ClusterDetail,
  ClusterEvent,
  ClusterList,
  ClusterState,
  ClusterSummary,
  CreateClusterResponse,
  DeleteClusterResponse,
  Durability,
  ErrantSlice,
  Generation,
  MemberRole,
  MemberState,
  MemberView,
  MesosView,
  PatchClusterPlan,
  ProblemSchema,
  Resources,
  SwitchoverPlan,
  Transition,
  TransitionStarted,
} from './schemas.ts';
export { formatDataSize, formatSize } from './sizes.ts';
export { CLUSTER_STATES, MEMBER_ROLES, MEMBER_STATES, TRANSITION_KINDS } from './states.ts';
export {
  type Failover,
  parseFailoverRequest,
  parseSwitchoverRequest,
  type Switchover,
} from './transition-requests.ts';
export type { Vars } from './vars.ts';
