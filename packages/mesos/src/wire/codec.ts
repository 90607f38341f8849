import { MesosError } from '../error.ts';
import { fromProtobuf, toProtobuf, type Plain } from './convert.ts';
import type { Messages } from './generated/types.ts';
import { readJson, writeJson } from './json.ts';
import { checkRequired } from './required.ts';
import { messageType } from './schema.ts';

/** The two media types of the v1 API, exactly as Mesos compares them. */
export const PROTOBUF = 'application/x-protobuf';
export const JSON_TYPE = 'application/json';
export type MediaType = typeof PROTOBUF | typeof JSON_TYPE;

/** Reads and writes one message type. All methods throw `MesosError` (`encode` or `decode`). */
export interface Codec<T> {
  /** Name within `mesos.v1`, for instance `scheduler.Call`. */
  readonly name: string;
  /** Message → protobuf bytes. */
  encode(message: T): Buffer;
  /** Protobuf bytes → message; absent fields stay absent, also those with a default value. */
  decode(bytes: Uint8Array): T;
  /** Message → JSON text as Mesos prints it (snake_case, defaults included). */
  toJson(message: T): string;
  /** JSON text in Mesos' form → message. */
  fromJson(text: string): T;
  /** `encode` or `toJson`, whichever the media type asks for. */
  write(message: T, type: MediaType): Buffer;
  /** `decode` or `fromJson`, whichever the media type asks for. */
  read(body: Uint8Array, type: MediaType): T;
}

/** The codec of any message of the library, by its name within `mesos.v1`. */
export function codec<Name extends keyof Messages>(name: Name): Codec<Messages[Name]> {
  const type = messageType(name);
  const self: Codec<Messages[Name]> = {
    name,
    encode: (message) => {
      const fields = toProtobuf(type, message as Plain, type.name);
      checkRequired(type, message as Plain, 'encode');
      return Buffer.from(type.encode(fields).finish());
    },
    decode: (bytes) => {
      try {
        return fromProtobuf(type, type.decode(Buffer.from(bytes))) as Messages[Name];
      } catch (cause) {
        if (cause instanceof MesosError) throw cause;
        throw new MesosError('decode', `not a ${name} in protobuf`, { cause });
      }
    },
    toJson: (message) => writeJson(type, message as Plain),
    fromJson: (text) => readJson(type, text) as Messages[Name],
    write: (message, media) =>
      media === PROTOBUF ? self.encode(message) : Buffer.from(self.toJson(message)),
    read: (body, media) =>
      media === PROTOBUF ? self.decode(body) : self.fromJson(Buffer.from(body).toString('utf8')),
  };
  return self;
}
