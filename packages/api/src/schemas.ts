/** The shapes of requests and answers: TypeScript types and JSON schemas (for OpenAPI) in one. */
import { Type, type Static } from '@sinclair/typebox';
import {
  BACKUP_ID_MAX_LENGTH,
  CLUSTER_NAME_MAX_LENGTH,
  CLUSTER_NAME_PATTERN,
  NUM_NODES_MAX,
  USER_MAX_LENGTH,
  USER_PATTERN,
} from './fields.ts';
import { CLUSTER_STATES, MEMBER_ROLES, MEMBER_STATES } from './states.ts';

function literals<const T extends readonly string[]>(values: T, description: string) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description });
}

const nullable = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const ClusterState = literals(CLUSTER_STATES, 'DELETING is followed by 404.');
export type ClusterState = Static<typeof ClusterState>;

export const MemberRole = literals(MEMBER_ROLES, 'What the member serves as now.');
export type MemberRole = Static<typeof MemberRole>;

export const MemberState = literals(MEMBER_STATES, 'PENDING waits for an offer.');
export type MemberState = Static<typeof MemberState>;

export const Size = Type.Object(
  {
    cpus: Type.Number({ exclusiveMinimum: 0, examples: [1.0] }),
    mem: Type.String({ examples: ['512mb'] }),
    disk: Type.String({ examples: ['2gb'] }),
  },
  { description: 'What one instance gets. Units: b, kb, mb, gb, tb (powers of 1024).' },
);
export type Size = Static<typeof Size>;

export const ClusterName = Type.String({
  minLength: 1,
  maxLength: CLUSTER_NAME_MAX_LENGTH,
  pattern: CLUSTER_NAME_PATTERN,
});

const NumNodes = Type.Integer({ minimum: 1, maximum: NUM_NODES_MAX });

export const CreateClusterRequest = Type.Object(
  {
    cluster_user: Type.String({
      maxLength: USER_MAX_LENGTH,
      pattern: USER_PATTERN,
      description: 'MySQL account.',
    }),
    num_nodes: Type.Optional(Type.Integer({ minimum: 1, maximum: NUM_NODES_MAX, default: 1 })),
    size: Type.Optional(Size),
    backup_id: Type.Optional(Type.String({ maxLength: BACKUP_ID_MAX_LENGTH })),
    cluster_password: Type.Optional(Type.String({ description: 'Left out: the scheduler makes one.' })),
  },
  { additionalProperties: false },
);
export type CreateClusterRequest = Static<typeof CreateClusterRequest>;

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

export const PatchClusterRequest = Type.Object({ num_nodes: NumNodes }, { additionalProperties: false });
export type PatchClusterRequest = Static<typeof PatchClusterRequest>;

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

export const DeleteClusterRequest = Type.Object({ password: Type.String() }, { additionalProperties: false });
export type DeleteClusterRequest = Static<typeof DeleteClusterRequest>;

export const DeleteClusterResponse = Type.Object({
  cluster_url: Type.String({ description: 'Disappears from ZooKeeper when nothing of the cluster is left.' }),
});
export type DeleteClusterResponse = Static<typeof DeleteClusterResponse>;

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
});
export type ClusterSummary = Static<typeof ClusterSummary>;

export const ClusterDetail = Type.Composite([
  ClusterSummary,
  Type.Object({
    epoch: Type.Integer({ description: 'Grows with every election.' }),
    ack_count: Type.Integer({ description: 'Replicas that must have a write before it is acknowledged.' }),
    in_sync: Type.Array(Type.String(), { description: 'Ids of the replicas whose acknowledgement counts.' }),
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
