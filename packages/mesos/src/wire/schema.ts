import Long from 'long';
import protobuf from 'protobufjs/light.js';
import { schema } from './generated/schema.ts';

// protobufjs looks for `long` by itself, but finds it or not depending on how it was loaded or bundled;
// without it, 64-bit integers would lose digits.
protobuf.util.Long = Long;
protobuf.configure();

const PACKAGE = 'mesos.v1';
const root = buildRoot();

/** The protobuf type of a message, by its name within `mesos.v1`, for instance `Offer.Operation`. */
export function messageType(name: string): protobuf.Type {
  return root.lookupType(`${PACKAGE}.${name}`);
}

/** The name a field has on the wire's JSON and in the .proto files: `failoverTimeout` → `failover_timeout`. */
export function jsonName(field: protobuf.Field): string {
  const known = jsonNames.get(field);
  if (known !== undefined) return known;
  const name = field.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  jsonNames.set(field, name);
  return name;
}

const jsonNames = new WeakMap<protobuf.Field, string>();

function buildRoot(): protobuf.Root {
  const built = new protobuf.Root();
  for (const [name, json] of Object.entries(schema)) {
    const [last, ...packages] = name.split('.').reverse() as [string, ...string[]];
    const namespace = built.define([PACKAGE, ...packages].join('.'));
    namespace.add(
      'values' in json
        ? protobuf.Enum.fromJSON(last, json as protobuf.IEnum)
        : protobuf.Type.fromJSON(last, json as protobuf.IType),
    );
  }
  built.resolveAll();
  return built;
}
