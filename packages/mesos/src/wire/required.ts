import protobuf from 'protobufjs/light.js';
import { MesosError, type MesosErrorCode } from '../error.ts';
import type { Plain } from './convert.ts';
import { jsonName } from './schema.ts';

/** Throws naming every required field that is missing, at any depth, in the words of a Mesos master. */
export function checkRequired(type: protobuf.Type, plain: Plain, code: MesosErrorCode): void {
  const missing = missingFields(type, plain, '');
  if (missing.length > 0) throw new MesosError(code, `Missing required fields: ${missing.join(', ')}`);
}

function missingFields(type: protobuf.Type, plain: Plain, prefix: string): string[] {
  const fields = type.fieldsArray.map((field) => ({
    field,
    value: plain[field.name] ?? undefined,
    at: `${prefix}${jsonName(field)}`,
  }));
  const own = fields.filter(({ field, value }) => field.required && value === undefined).map(({ at }) => at);
  const inner = fields.flatMap(({ field, value, at }) =>
    value !== undefined && field.resolvedType instanceof protobuf.Type
      ? missingWithin(field, field.resolvedType, value, at)
      : [],
  );
  return [...own, ...inner];
}

function missingWithin(field: protobuf.Field, type: protobuf.Type, value: unknown, at: string): string[] {
  if (!field.repeated && !(field instanceof protobuf.MapField)) {
    return missingFields(type, value as Plain, `${at}.`);
  }
  const items = Object.entries(value as Record<string, Plain>);
  return items.flatMap(([key, one]) => missingFields(type, one, `${at}[${key}].`));
}
