import { MesosError } from '../error.ts';

/**
 * Mesos keeps scalars to three decimals and does its arithmetic on whole thousandths; so do we, or
 * 0.1 + 0.2 would not be 0.3.
 */
export function toThousandths(value: number): number {
  const thousandths = Math.round(value * 1000);
  if (!Number.isSafeInteger(thousandths)) throw new MesosError('resource', `scalar out of range: ${value}`);
  return thousandths;
}

export function fromThousandths(thousandths: number): number {
  return thousandths / 1000;
}
