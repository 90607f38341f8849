/** What a cluster prefers when not everything can be had, as requests name it. Nothing is filled in here. */
import { readDuration } from './durations.ts';
import { NUM_NODES_MAX } from './fields.ts';

export const DURABILITY_POLICIES = ['lossless', 'unsafe_available'] as const;
export type DurabilityPolicy = (typeof DURABILITY_POLICIES)[number];

export const PROMOTION_PREFERENCES = ['prefer', 'neutral', 'avoid', 'never'] as const;
export type PromotionPreference = (typeof PROMOTION_PREFERENCES)[number];

/** Markers come every second: a shorter bound would take one that is late for one that is missing. */
export const HEARTBEAT_BOUND = { minMs: 2_000, maxMs: 60_000 } as const;

export interface DurabilityChange {
  /** null: by the number of instances. */
  acks?: number | null;
  minInSync?: 0 | 1;
  policy?: DurabilityPolicy;
  heartbeatBoundMs?: number;
}

export type DurabilityResult = { durability: DurabilityChange } | { wrong: string };
export type PromotionResult = { promotion: Record<string, PromotionPreference> } | { wrong: string };

const EXAMPLE = '{"acks": 1, "min_in_sync": 0, "policy": "lossless", "heartbeat_bound": "3s"}';
/** More than one for each instance that a cluster may have. */
const PROMOTIONS_MAX = 2 * NUM_NODES_MAX;

type Reader = (value: unknown) => DurabilityChange | { wrong: string };

const READERS: Readonly<Record<string, Reader>> = {
  acks: (value) => {
    const acks = value === 'auto' ? null : value;
    return acks === null || isCount(acks, NUM_NODES_MAX - 1)
      ? { acks: acks as number | null }
      : { wrong: `must be a whole number from 0 to ${NUM_NODES_MAX - 1}, or null` };
  },
  min_in_sync: (value) => (value === 0 || value === 1 ? { minInSync: value } : { wrong: 'must be 0 or 1' }),
  policy: (value) => {
    const policy = DURABILITY_POLICIES.find((known) => known === value);
    return policy ? { policy } : { wrong: `must be ${DURABILITY_POLICIES.join(' or ')}` };
  },
  heartbeat_bound: (value) => {
    const bound = readDuration(value, HEARTBEAT_BOUND);
    return 'wrong' in bound ? bound : { heartbeatBoundMs: bound.ms };
  },
};

/** Reads a durability: JSON text (form field) or an object (JSON body). Every key may be left out. */
export function parseDurability(input: unknown): DurabilityResult {
  const value = asObject(input);
  if (!value) return { wrong: `must be a JSON object like ${EXAMPLE}` };
  let durability: DurabilityChange = {};
  for (const [key, item] of Object.entries(value)) {
    const read = Object.hasOwn(READERS, key) ? READERS[key]?.(item) : { wrong: 'is not known here' };
    if (!read || 'wrong' in read) return { wrong: `${shown(key)} ${read?.wrong}` };
    durability = { ...durability, ...read };
  }
  return { durability };
}

/** Reads `{"<instance>": "prefer" | "neutral" | "avoid" | "never"}`; whether the instances exist is not judged here. */
export function parsePromotion(input: unknown): PromotionResult {
  const value = asObject(input);
  if (!value || Object.keys(value).length > PROMOTIONS_MAX)
    return { wrong: `must be a JSON object like {"demo-1": "prefer"}` };
  const entries = Object.entries(value);
  const bad = entries.find(([, preference]) => !PROMOTION_PREFERENCES.some((known) => known === preference));
  if (bad) return { wrong: `${shown(bad[0])} must be ${PROMOTION_PREFERENCES.join(', ')}` };
  return { promotion: Object.fromEntries(entries) as Record<string, PromotionPreference> };
}

function asObject(input: unknown): Record<string, unknown> | undefined {
  const value = typeof input === 'string' ? parseJson(input) : input;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function isCount(input: unknown, max: number): boolean {
  return typeof input === 'number' && Number.isInteger(input) && input >= 0 && input <= max;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
