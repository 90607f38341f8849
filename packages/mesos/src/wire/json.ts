/**
 * The JSON of Mesos: fields in snake_case and in the order of their declaration, enums as names,
 * bytes in base64, int64 as numbers (possibly above 2^53), doubles always with a fraction, fields
 * with a default value printed even when unset (unless deprecated), empty lists left out.
 */
import protobuf from 'protobufjs/light.js';
import { MesosError } from '../error.ts';
import type { Plain } from './convert.ts';
import { checkRequired } from './required.ts';
import { jsonName } from './schema.ts';

/** Plain object → JSON text as a Mesos master or agent prints it. */
export function writeJson(type: protobuf.Type, plain: Plain): string {
  const members = type.fieldsArray.flatMap((field) => {
    const value = plain[field.name] ?? printedDefault(field);
    const text = value === undefined ? undefined : writeField(field, value);
    return text === undefined ? [] : [`${JSON.stringify(jsonName(field))}:${text}`];
  });
  return `{${members.join(',')}}`;
}

function printedDefault(field: protobuf.Field): unknown {
  const options = field.options as { default?: unknown; deprecated?: boolean } | undefined;
  return options?.deprecated ? undefined : options?.default;
}

function writeField(field: protobuf.Field, value: unknown): string | undefined {
  if (field instanceof protobuf.MapField) {
    const entries = Object.entries(value as Plain);
    const members = entries.map(([key, one]) => `${JSON.stringify(key)}:${writeValue(field, one)}`);
    return members.length > 0 ? `{${members.join(',')}}` : undefined;
  }
  if (!field.repeated) return writeValue(field, value);
  const items = (value as unknown[]).map((one) => writeValue(field, one));
  return items.length > 0 ? `[${items.join(',')}]` : undefined;
}

function writeValue(field: protobuf.Field, value: unknown): string {
  if (field.resolvedType instanceof protobuf.Type) return writeJson(field.resolvedType, value as Plain);
  if (field.type === 'bytes') return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
  if (typeof value === 'bigint') return value.toString();
  if (field.type === 'double') return writeDouble(value as number);
  return JSON.stringify(value);
}

/** Mesos marks a whole number as a double: `64.0`. */
function writeDouble(value: number): string {
  const text = JSON.stringify(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/**
 * JSON text → plain object. Unknown members are ignored, as are unknown names of an enum, except
 * where the enum is required; any other mismatch throws `decode` in Mesos' words.
 */
export function readJson(type: protobuf.Type, text: string): Plain {
  const plain = readMessage(type, parseJson(text), type.name);
  checkRequired(type, plain, 'decode');
  return plain;
}

/** The JSON parser rounds integers above 2^53; the source text of such a number does not. */
function parseJson(text: string): unknown {
  const exact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? exactInteger(value, context?.source ?? '')
      : value;
  try {
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
  } catch (cause) {
    throw new MesosError('decode', 'failed to parse JSON', { cause });
  }
}

function exactInteger(value: number, source: string): bigint | number {
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function readMessage(type: protobuf.Type, json: unknown, name: string): Plain {
  if (kindOf(json) !== 'object') throw unexpected(json, name);
  const source = json as Plain;
  const target: Plain = {};
  for (const field of type.fieldsArray) {
    const member = jsonName(field);
    const value = Object.hasOwn(source, member) ? readField(field, source[member]) : undefined;
    if (value !== undefined) target[field.name] = value;
  }
  return target;
}

function readField(field: protobuf.Field, json: unknown): unknown {
  if (json === null || json === undefined) return undefined;
  const name = jsonName(field);
  if (field instanceof protobuf.MapField) {
    if (kindOf(json) !== 'object') throw unexpected(json, name);
    const entries = Object.entries(json as Plain).map(([key, one]) => [key, readValue(field, one)]);
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  if (!field.repeated) return readValue(field, json);
  if (!Array.isArray(json)) throw unexpected(json, name);
  const items = json.map((one) => readValue(field, one)).filter((one) => one !== undefined);
  return items.length > 0 ? items : undefined;
}

function readValue(field: protobuf.Field, json: unknown): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return readMessage(resolvedType, json, jsonName(field));
  if (resolvedType instanceof protobuf.Enum) return readEnum(field, resolvedType, json);
  if (field.type === 'string' || field.type === 'bool') return readPlain(field, json);
  return field.type === 'bytes' ? readBytes(field, json) : readNumber(field, json);
}

function readEnum(field: protobuf.Field, type: protobuf.Enum, json: unknown): string | undefined {
  if (typeof json !== 'string') throw unexpected(json, jsonName(field));
  if (Object.hasOwn(type.values, json)) return json;
  if (field.required) throw new MesosError('decode', `Failed to find enum for '${json}'`);
  return undefined;
}

function readPlain(field: protobuf.Field, json: unknown): string | boolean {
  const kind = kindOf(json);
  if (kind !== (field.type === 'bool' ? 'boolean' : 'string')) throw unexpected(json, jsonName(field));
  return json as string | boolean;
}

function readBytes(field: protobuf.Field, json: unknown): Buffer {
  if (typeof json !== 'string') throw unexpected(json, jsonName(field));
  const invalid = /[^A-Za-z0-9+/=]/.exec(json)?.[0];
  if (invalid !== undefined) {
    const problem = `Failed to base64 decode bytes field '${jsonName(field)}'`;
    throw new MesosError('decode', `${problem}: Invalid character '${invalid}'`);
  }
  return Buffer.from(json, 'base64');
}

/** A number; Mesos also takes one written as a string. */
function readNumber(field: protobuf.Field, json: unknown): number | bigint {
  const value = typeof json === 'string' ? numberFromText(field, json) : json;
  if (typeof value !== 'number' && typeof value !== 'bigint') throw unexpected(json, jsonName(field));
  if (field.type === 'double') return Number(value);
  if (field.type === 'int64') return BigInt(typeof value === 'number' ? Math.trunc(value) : value);
  if (!Number.isSafeInteger(value)) throw outOfRange(field);
  return value as number;
}

function numberFromText(field: protobuf.Field, text: string): number | bigint {
  if (field.type === 'int64' && /^-?\d+$/.test(text)) return BigInt(text);
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw outOfRange(field);
  return value;
}

function outOfRange(field: protobuf.Field): MesosError {
  return new MesosError('decode', `Not a number field '${jsonName(field)}' can hold`);
}

function unexpected(json: unknown, name: string): MesosError {
  return new MesosError('decode', `Not expecting a JSON ${kindOf(json)} for field '${name}'`);
}

function kindOf(json: unknown): string {
  if (json === null) return 'null';
  if (Array.isArray(json)) return 'array';
  return typeof json === 'bigint' ? 'number' : typeof json;
}
