/** What several schemas have in common. */
import { Type, type Static } from '@sinclair/typebox';
import { DURABILITY_POLICIES, PROMOTION_PREFERENCES } from './durability.ts';
import { CLUSTER_NAME_MAX_LENGTH, CLUSTER_NAME_PATTERN, NUM_NODES_MAX } from './fields.ts';

export function literals<const T extends readonly string[]>(values: T, description: string) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description });
}

export const nullable = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(
  schema: T,
) => Type.Union([schema, Type.Null()]);

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

export const Promotion = Type.Record(
  Type.String(),
  literals(PROMOTION_PREFERENCES, 'Among those with equal data; never also bars it from switchovers.'),
  { description: 'By instance; those not named are neutral.' },
);

export const DURABILITY_FIELDS = {
  acks: Type.Union([Type.Integer({ minimum: 0, maximum: NUM_NODES_MAX - 1 }), Type.Null()], {
    description: 'Acknowledgements a commit waits for; null: by the number of instances.',
  }),
  min_in_sync: Type.Integer({
    minimum: 0,
    maximum: 1,
    description: 'With 1 a primary without replicas takes no writes; with 0 it goes on alone.',
  }),
  policy: literals(DURABILITY_POLICIES, 'What to do when an election lacks reports.'),
};
