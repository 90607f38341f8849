/**
 * Between the plain objects of this library (enums as names, int64 as bigint, absent fields absent)
 * and what protobufjs encodes and decodes (enums as numbers, int64 as two halves).
 */
import protobuf from 'protobufjs/light.js';
import { MesosError } from '../error.ts';

export type Plain = Record<string, unknown>;

type Convert = (field: protobuf.Field, value: unknown, path: string) => unknown;

/** Plain → protobufjs. Throws `encode` for a value that its type cannot hold; required fields are not checked. */
export function toProtobuf(type: protobuf.Type, plain: Plain, path: string): Plain {
  return walk(type, plain, path, toProtobufValue);
}

/** protobufjs → plain. Enum values that this library does not know are left out, as Mesos does. */
export function fromProtobuf(type: protobuf.Type, message: object): Plain {
  return walk(type, message as Plain, type.name, fromProtobufValue);
}

function walk(type: protobuf.Type, source: Plain, path: string, convert: Convert): Plain {
  const target: Plain = {};
  for (const field of type.fieldsArray) {
    const value = Object.hasOwn(source, field.name) ? source[field.name] : undefined;
    if (value === undefined || value === null) continue;
    const converted = convertField(field, value, path, convert);
    if (converted !== undefined) target[field.name] = converted;
  }
  return target;
}

function convertField(field: protobuf.Field, value: unknown, path: string, convert: Convert): unknown {
  const at = `${path}.${field.name}`;
  if (field instanceof protobuf.MapField) {
    const entries = Object.entries(value as Plain);
    return entries.length > 0
      ? Object.fromEntries(entries.map(([key, one]) => [key, convert(field, one, `${at}[${key}]`)]))
      : undefined;
  }
  if (!field.repeated) return convert(field, value, at);
  const items = (value as unknown[]).map((one, index) => convert(field, one, `${at}[${index}]`));
  const known = items.filter((one) => one !== undefined);
  return known.length > 0 ? known : undefined;
}

function toProtobufValue(field: protobuf.Field, value: unknown, path: string): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return toProtobuf(resolvedType, object(value, path), path);
  if (resolvedType instanceof protobuf.Enum) {
    const number = resolvedType.values[value as string];
    if (number === undefined) throw new MesosError('encode', `${path}: no such value ${String(value)}`);
    return number;
  }
  if (field.type === 'int64') return halves(int64(value, path));
  if (field.type === 'uint64') return safeInteger(value, path);
  return value;
}

function fromProtobufValue(field: protobuf.Field, value: unknown, path: string): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return fromProtobuf(resolvedType, value as object);
  if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[value as number];
  if (field.type === 'int64') return whole(value);
  if (field.type === 'uint64') return safeUint64(value, path);
  return value;
}

function object(value: unknown, path: string): Plain {
  if (typeof value !== 'object' || value === null) throw new MesosError('encode', `${path} is not a message`);
  return value as Plain;
}

function int64(value: unknown, path: string): bigint {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
    throw new MesosError('encode', `${path} is not a 64-bit bigint`);
  }
  return value;
}

function safeInteger(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new MesosError('encode', `${path} is not a safe unsigned integer`);
  }
  return value as number;
}

interface Halves {
  low: number;
  high: number;
}

function halves(value: bigint): Halves {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}

function whole(value: unknown): bigint {
  const { low, high } = value as Halves;
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
}

function safeUint64(value: unknown, path: string): number {
  const number = Number(BigInt.asUintN(64, whole(value)));
  if (!Number.isSafeInteger(number)) throw new MesosError('decode', `${path} is above 2^53`);
  return number;
}
