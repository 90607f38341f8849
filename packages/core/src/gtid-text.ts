/** The operations of gtid.ts on sets as MySQL prints them. @throws GtidError */
import { containsGtidSet, formatGtidSet, parseGtidSet, subtractGtidSets, unionGtidSets } from './gtid.ts';

export function unionGtidTexts(...sets: string[]): string {
  return formatGtidSet(unionGtidSets(...sets.map(parseGtidSet)));
}

/** What is in `a` and not in `b`. */
export function subtractGtidTexts(a: string, b: string): string {
  return formatGtidSet(subtractGtidSets(parseGtidSet(a), parseGtidSet(b)));
}

/** Whether every transaction of `b` is in `a`. */
export function containsGtidText(a: string, b: string): boolean {
  return containsGtidSet(parseGtidSet(a), parseGtidSet(b));
}
