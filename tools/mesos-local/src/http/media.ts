import type { Codec, MediaType } from '@cotton/mesos';
import { JSON_TYPE, PROTOBUF } from '@cotton/mesos';

/** A request that gets an error status before anybody looks at what it wants. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

/** The request's Content-Type; Mesos compares it literally. */
export function contentType(headers: Record<string, string | string[] | undefined>): MediaType {
  const type = headers['content-type'];
  if (type === undefined) throw new Refusal(400, "Expecting 'Content-Type' to be present");
  if (type === JSON_TYPE || type === PROTOBUF) return type;
  throw new Refusal(415, `Expecting 'Content-Type' of ${JSON_TYPE} or ${PROTOBUF}`);
}

const accepts = (header: string, type: string): boolean =>
  header.split(',').some((part) => {
    const [range, ...parameters] = part.split(';').map((piece) => piece.trim());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !refused && (range === '*/*' || range === 'application/*' || range === type);
  });

/** The type of the answer; JSON wins where both will do. */
export function acceptedType(header: string | undefined): MediaType {
  if (header === undefined || accepts(header, JSON_TYPE)) return JSON_TYPE;
  if (accepts(header, PROTOBUF)) return PROTOBUF;
  throw new Refusal(406, `Expecting 'Accept' to allow '${PROTOBUF}' or '${JSON_TYPE}'`);
}

function syntaxProblem(text: string, error: unknown): string {
  const message = (error as Error).message;
  const position = Number(
    /at position (\d+)/.exec(message)?.[1] ?? (/end of/.test(message) ? text.length : 0),
  );
  const rest = text.slice(position);
  if (message.includes('after JSON'))
    return `Parsed JSON included non-whitespace trailing characters: ${rest}`;
  const line = text.slice(0, position).split('\n').length;
  return `syntax error at line ${line} near: ${rest}`;
}

function checkJson(text: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, `Failed to parse body into JSON: ${syntaxProblem(text, error)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Refusal(400, 'Failed to convert JSON into Call protobuf: Expecting a JSON object');
}

/** Reads a call in either media type into its JSON form, with the defaults Mesos would print. */
export function readCall<Call>(codec: Codec<unknown>, body: Buffer, type: MediaType): Call {
  if (type === JSON_TYPE) checkJson(body.toString('utf8'));
  try {
    return JSON.parse(codec.toJson(codec.read(body, type))) as Call;
  } catch (error) {
    const why = (error as Error).message;
    throw new Refusal(
      400,
      type === JSON_TYPE
        ? `Failed to convert JSON into Call protobuf: ${why}`
        : 'Failed to parse body into Call protobuf',
    );
  }
}

/** Writes a message in its JSON form as the media type asks. */
export const writeMessage = (codec: Codec<unknown>, message: object, type: MediaType): Buffer =>
  codec.write(codec.fromJson(JSON.stringify(message)), type);
