export const VIOLATIONS = [
  'lost',
  'differs',
  'doubled',
  'stale',
  'regressed',
  'phantom',
  'sum',
  'needless failover',
  'errant',
  'discovery',
  'not recovered',
  'left behind',
] as const;

/**
 * lost: acknowledged, and not on the final primary. differs: members do not hold the same. doubled: two incarnations
 * acknowledged in overlapping epochs. stale: a read missed what was acknowledged long before. regressed: a reader went
 * back in time. phantom: a reader saw what is gone in the end. sum: money appeared or vanished. errant: a transaction that only one member had went away unreported.
 */
export type ViolationKind = (typeof VIOLATIONS)[number];

export interface Violation {
  kind: ViolationKind;
  /** How many. */
  count: number;
  /** For people, with examples. */
  detail: string;
}

const EXAMPLES = 5;

/** One violation for a list of findings; none for an empty list. */
export function violation(kind: ViolationKind, findings: readonly string[], what: string): Violation[] {
  if (findings.length === 0) return [];
  const more = findings.length > EXAMPLES ? ` and ${findings.length - EXAMPLES} more` : '';
  return [
    {
      kind,
      count: findings.length,
      detail: `${what}: ${findings.slice(0, EXAMPLES).join(', ')}${more}`,
    },
  ];
}
