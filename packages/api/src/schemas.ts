/** The shapes of answers: TypeScript types and JSON schemas (for OpenAPI) in one. */
import { Type, type Static } from '@sinclair/typebox';
import { DURABILITY_FIELDS, literals, nullable, Promotion, Size } from './schema-parts.ts';
import {
  CLUSTER_STATES,
  EVENT_KINDS,
  MEMBER_ROLES,
  MEMBER_STATES,
  TRANSITION_KINDS,
  TRANSITION_OUTCOMES,
} from './states.ts';

export const ClusterState = literals(CLUSTER_STATES, 'DELETING is followed by 404.');
export type ClusterState = Static<typeof ClusterState>;

export const MemberRole = literals(MEMBER_ROLES, 'What the member serves as now.');
export type MemberRole = Static<typeof MemberRole>;

export const MemberState = literals(MEMBER_STATES, 'PENDING waits for an offer.');
export type MemberState = Static<typeof MemberState>;

export const Durability = Type.Object({
  ...DURABILITY_FIELDS,
  acks_wanted: Type.Integer({ description: 'What acks comes to for this cluster.' }),
  heartbeat_bound: Type.String({
    description: 'After this long without an acknowledged heartbeat a primary counts as cut off or hung.',
  }),
});
export type Durability = Static<typeof Durability>;

export const CreateClusterResponse = Type.Object({
  cluster_url: Type.String({ description: 'ZooKeeper address of the cluster, without credentials.' }),
  cluster_password: Type.String({ description: 'Answered here only; keep it.' }),
  uid: Type.String(),
  name: Type.String(),
  warnings: Type.Array(Type.String(), {
    description: 'Accepted, but: for example that no agent is large enough.',
  }),
});
export type CreateClusterResponse = Static<typeof CreateClusterResponse>;

export const PatchClusterPlan = Type.Object(
  {
    dry_run: Type.Literal(true),
    num_nodes: Type.Object({ from: Type.Integer(), to: Type.Integer() }),
    add: Type.Array(Type.String(), { description: 'Ids of the instances that would come.' }),
    remove: Type.Array(Type.String(), { description: 'Ids of the instances that would go, in this order.' }),
    steps: Type.Array(Type.String(), { description: 'For people.' }),
  },
  { description: 'The answer to PATCH with ?dry_run=true.' },
);
export type PatchClusterPlan = Static<typeof PatchClusterPlan>;

export const DeleteClusterResponse = Type.Object({
  cluster_url: Type.String({ description: 'Disappears from ZooKeeper when nothing of the cluster is left.' }),
});
export type DeleteClusterResponse = Static<typeof DeleteClusterResponse>;

export const AuditStep = Type.Object({ step: Type.String(), at: Type.String({ format: 'date-time' }) });
export type AuditStep = Static<typeof AuditStep>;

export const Transition = Type.Object(
  {
    id: Type.String(),
    kind: literals(TRANSITION_KINDS, 'How the primary came to be.'),
    outcome: literals(TRANSITION_OUTCOMES, 'unsafe: acknowledged writes may be missing.'),
    epoch: Type.Integer(),
    cause: Type.String(),
    detail: Type.String({ description: 'Why it was unsafe or rolled back.' }),
    from: nullable(Type.String()),
    to: nullable(Type.String()),
    started_at: Type.String({ format: 'date-time' }),
    ended_at: nullable(Type.String({ format: 'date-time' })),
    steps: Type.Array(AuditStep),
  },
  { description: 'An election or switchover.' },
);
export type Transition = Static<typeof Transition>;

export const TransitionStarted = Type.Object({
  transition: Type.String({ description: 'Its id, as in in_progress and transitions of the cluster.' }),
  name: Type.String(),
  uid: Type.String(),
  epoch: Type.Integer(),
  from: nullable(Type.String()),
  to: nullable(Type.String()),
});
export type TransitionStarted = Static<typeof TransitionStarted>;

export const SwitchoverPlan = Type.Object(
  { dry_run: Type.Literal(true), from: Type.String(), to: Type.String() },
  { description: 'The answer to a switchover with ?dry_run=true that could begin now.' },
);
export type SwitchoverPlan = Static<typeof SwitchoverPlan>;

export const ErrantSlice = Type.Object(
  {
    gtids: Type.String(),
    file: Type.String({ description: 'Where they were saved, within the volume.' }),
    saved_at: Type.String({ format: 'date-time' }),
  },
  { description: 'Transactions that only this instance had; nobody was told that they were kept.' },
);
export type ErrantSlice = Static<typeof ErrantSlice>;

export const Generation = Type.Object({
  number: Type.Integer(),
  epoch: Type.Integer(),
  primary: Type.String(),
  ack_count: Type.Integer(),
  in_sync: Type.Array(Type.String()),
});
export type Generation = Static<typeof Generation>;

export const MemberView = Type.Object({
  id: Type.String({ description: '<cluster>-<n>, stable over restarts.' }),
  role: MemberRole,
  state: MemberState,
  in_sync: Type.Boolean({ description: 'Its acknowledgement counts.' }),
  host: nullable(Type.String()),
  port: nullable(Type.Integer({ description: 'MySQL.' })),
  http_port: nullable(Type.Integer({ description: "The executor's HTTP port." })),
  agent_id: nullable(Type.String()),
  task_id: nullable(Type.String()),
  version: nullable(Type.String({ description: "MySQL's version." })),
  message: Type.String({ description: 'What it is doing, or what is wrong.' }),
  errant: Type.Array(ErrantSlice),
});
export type MemberView = Static<typeof MemberView>;

export const ClusterSummary = Type.Object({
  uid: Type.String(),
  name: Type.String(),
  state: ClusterState,
  reason: Type.String({ description: 'Why it is in this state, for people.' }),
  num_nodes: Type.Integer({ description: 'Asked for.' }),
  members_running: Type.Integer({ description: 'Serving now.' }),
  primary: nullable(Type.String({ description: 'Id of the member that takes writes.' })),
  size: Size,
  user: Type.String(),
  cluster_url: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  hold: Type.Boolean({ description: 'No automatic failover.' }),
});
export type ClusterSummary = Static<typeof ClusterSummary>;

export const ClusterDetail = Type.Composite([
  ClusterSummary,
  Type.Object({
    epoch: Type.Integer({ description: 'Grows with every change of the primary.' }),
    ack_count: Type.Integer({ description: 'Replicas that must have a write before it is acknowledged.' }),
    in_sync: Type.Array(Type.String(), { description: 'Ids of the replicas whose acknowledgement counts.' }),
    generation: Type.Integer({ description: 'Number of the electorate in force; grows with every change.' }),
    settled: Type.Boolean({ description: 'The electorate in force is the only one that counts.' }),
    electorate: Type.Array(Generation, {
      description: 'Oldest first; an election has to satisfy all of them.',
    }),
    durability: Durability,
    promotion: Promotion,
    in_progress: Type.Union([Transition, Type.Null()]),
    transitions: Type.Array(Transition, { description: 'Newest first; the last 20.' }),
    members: Type.Array(MemberView),
  }),
]);
export type ClusterDetail = Static<typeof ClusterDetail>;

export const Resources = Type.Object({ cpus: Type.Number(), mem_mb: Type.Number(), disk_mb: Type.Number() });
export type Resources = Static<typeof Resources>;

export const MesosView = Type.Object({
  connected: Type.Boolean({ description: 'Subscribed to the leading master.' }),
  master: nullable(Type.String({ description: 'host:port of the leading master.' })),
  framework_id: nullable(Type.String()),
  stand_in: Type.Boolean({
    description: 'The Mesos behind this scheduler is the local stand-in, not Mesos.',
  }),
});
export type MesosView = Static<typeof MesosView>;

export const ClusterList = Type.Object({
  clusters: Type.Array(ClusterSummary, { description: 'In the order of creation.' }),
  mesos: MesosView,
  resources: Type.Object({
    requested: Type.Composite([Resources], { description: 'What all clusters ask for.' }),
    used: Type.Composite([Resources], { description: 'What their launched tasks hold.' }),
  }),
});
export type ClusterList = Static<typeof ClusterList>;

/** One event of `GET /events` and `GET /clusters/<name>/events`. */
export const ClusterEvent = Type.Object({
  id: Type.String({ description: 'To go on after, as Last-Event-ID.' }),
  at: Type.String({ format: 'date-time' }),
  kind: literals(EVENT_KINDS, 'What happened.'),
  cluster: Type.String(),
  uid: Type.String(),
  epoch: Type.Integer(),
  message: Type.String(),
  transition: Type.Union([Transition, Type.Null()]),
});
export type ClusterEvent = Static<typeof ClusterEvent>;

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ examples: ['urn:cotton:error:cluster_exists'] }),
    code: Type.String({ examples: ['cluster_exists'] }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    remedy: Type.String(),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), code: Type.String(), message: Type.String() })),
    ),
  },
  { description: 'application/problem+json; the codes are in docs/reference/errors.md.' },
);
