/** The shapes of requests: TypeScript types and JSON schemas (for OpenAPI) in one. */
import { Type, type Static } from '@sinclair/typebox';
import { BACKUP_ID_MAX_LENGTH, NUM_NODES_MAX, USER_MAX_LENGTH, USER_PATTERN } from './fields.ts';
import { DURABILITY_FIELDS, Promotion, Size } from './schema-parts.ts';

const Duration = Type.Union([Type.String({ examples: ['10s'] }), Type.Number()], {
  description: 'A text with a unit, or seconds.',
});

export const DurabilityRequest = Type.Partial(
  Type.Object({ ...DURABILITY_FIELDS, heartbeat_bound: Duration }, { additionalProperties: false }),
);
export type DurabilityRequest = Static<typeof DurabilityRequest>;

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
    durability: Type.Optional(DurabilityRequest),
    promotion: Type.Optional(Promotion),
  },
  { additionalProperties: false },
);
export type CreateClusterRequest = Static<typeof CreateClusterRequest>;

export const PatchClusterRequest = Type.Object(
  {
    num_nodes: Type.Optional(NumNodes),
    durability: Type.Optional(DurabilityRequest),
    promotion: Type.Optional(Promotion),
  },
  { additionalProperties: false },
);
export type PatchClusterRequest = Static<typeof PatchClusterRequest>;

export const DeleteClusterRequest = Type.Object({ password: Type.String() }, { additionalProperties: false });
export type DeleteClusterRequest = Static<typeof DeleteClusterRequest>;

const Epoch = Type.Optional(
  Type.Integer({
    minimum: 0,
    description: 'Only while the cluster is in this epoch: makes a repetition harmless.',
  }),
);
const Target = (description: string) => Type.Optional(Type.String({ description }));

export const SwitchoverRequest = Type.Object(
  {
    to: Target('Id of a replica that is in sync; left out: the best one.'),
    deadline: Type.Optional(Duration),
    grace: Type.Optional(Duration),
    despite_obstacles: Type.Optional(
      Type.Boolean({
        description:
          'Begin also when a lock, a long transaction or a replica that is behind would likely hold it up.',
      }),
    ),
    epoch: Epoch,
  },
  { additionalProperties: false },
);
export type SwitchoverRequest = Static<typeof SwitchoverRequest>;

export const FailoverRequest = Type.Object(
  {
    to: Target('Id of the instance to prefer.'),
    force: Type.Optional(
      Type.Boolean({ description: 'Go on without missing reports: acknowledged writes may be lost.' }),
    ),
    password: Type.Optional(
      Type.String({ description: 'Of the cluster; for force without access control.' }),
    ),
    epoch: Epoch,
  },
  { additionalProperties: false },
);
export type FailoverRequest = Static<typeof FailoverRequest>;
