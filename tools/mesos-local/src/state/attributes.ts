import type { Attribute } from '../resources/parse.ts';

const printRanges = ({ ranges }: Attribute): string =>
  `[${(ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;

/** Attributes of an agent by name, as `/state` has them. */
export const attributesState = (attributes: Attribute[] = []): Record<string, string | number> =>
  Object.fromEntries(
    attributes.map((one) => [one.name, one.text?.value ?? one.scalar?.value ?? printRanges(one)]),
  );
