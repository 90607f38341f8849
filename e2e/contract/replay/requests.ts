import { setTimeout as sleep } from 'node:timers/promises';
import { executorCall, masterCall, PROTOBUF, schedulerCall } from '@cotton/mesos';
import type { Json, JsonObject, TraceLine } from '../trace/trace.ts';
import { differences } from './compare.ts';
import type { Exchange, Replay } from './context.ts';
import { EventStream, type Decode } from './event-stream.ts';
import { rawExchange, readBody, type Answer, type Endpoint, type Request } from './http.ts';
import { protobufDecoder } from './protobuf.ts';
import { serving } from './serving.ts';
import { farTooEarly, patience } from './timing.ts';

/** A starting process passes through its answers within tens of milliseconds. */
const QUICK_RETRY_MS = 5;
const QUICK_TRIES = 400;
const RETRY_MS = 20;

/** Requests of a plain process have no connection name. */
export const connectionOf = (line: TraceLine): string => line.conn ?? `${line.who} ${line.executor ?? ''}`;

const header = (headers: Record<string, string | number>, name: string): string =>
  String(Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? '');

/** Where a recorded request goes: by its Host header, or by who sent it. */
function endpointOf(replay: Replay, line: TraceLine): Endpoint {
  const host = header(line.http!.headers ?? {}, 'host');
  const name = line.who === 'executor' ? 'agent-1' : 'master';
  const endpoint = replay.addresses.get(host) ?? replay.endpoints.get(name);
  if (!endpoint) throw new Error(`line ${line.line}: nobody is at ${host || name}`);
  return endpoint;
}

const DROPPED = new Set(['host', 'content-length', 'connection']);

function requestHeaders(replay: Replay, line: TraceLine): Record<string, string> {
  return Object.fromEntries(
    Object.entries(line.http!.headers ?? {})
      .filter(([name]) => !DROPPED.has(name.toLowerCase()))
      .map(([name, value]) => [name, replay.ids.text(String(value))]),
  );
}

function encodeCall(who: string, json: string): Buffer {
  if (who === 'executor') return executorCall.encode(executorCall.fromJson(json));
  if (who === 'operator') return masterCall.encode(masterCall.fromJson(json));
  return schedulerCall.encode(schedulerCall.fromJson(json));
}

function bodyOf(replay: Replay, line: TraceLine): Buffer {
  if (line.call) {
    const call = replay.ids.request(line.call);
    if (header(line.http!.headers ?? {}, 'content-type') !== PROTOBUF)
      return Buffer.from(JSON.stringify(call));
    return encodeCall(line.who, JSON.stringify(call));
  }
  if (line.body === undefined) return Buffer.alloc(0);
  if (typeof line.body === 'string') return Buffer.from(replay.ids.text(line.body));
  return Buffer.from(line.body.base64, 'base64');
}

/** The line that tells how a request was answered. */
function answerLine(replay: Replay, line: TraceLine): TraceLine | undefined {
  const connection = connectionOf(line);
  return replay.scenario.lines
    .slice(line.line)
    .find(
      (one) =>
        one.dir === '<' &&
        connectionOf(one) === connection &&
        (one.http || one.error || (one.closed && one.closed !== 'aborted')),
    );
}

/** How a request ended, in few words that a recorded answer gives too. */
function summary(answer: Answer | NodeJS.ErrnoException): string {
  return 'status' in answer ? String(answer.status) : (answer.code ?? answer.message);
}

const recordedSummary = (line: TraceLine): string =>
  String(line.http?.status ?? line.error ?? line.closed ?? '');

const WAITING = /^(503|404|307|ECONNREFUSED)$/;

/**
 * A subscription that was refused for a while: the recorders tried again and wrote each different answer once.
 * The one that was accepted at last had waited too.
 */
function isWaiting(replay: Replay, line: TraceLine, answer: TraceLine | undefined): boolean {
  if (line.call?.type !== 'SUBSCRIBE' || !answer) return false;
  if (WAITING.test(recordedSummary(answer))) return true;
  const before = replay.scenario.lines
    .slice(0, line.line - 1)
    .findLast(
      ({ call, who, executor }) =>
        call?.type === 'SUBSCRIBE' && who === line.who && executor === line.executor,
    );
  const earlier = before && answerLine(replay, before);
  return earlier !== undefined && WAITING.test(recordedSummary(earlier));
}

/** Whether a subscription was sent until a standby named another leader. */
export const isForRedirect = (replay: Replay, line: TraceLine): boolean =>
  line.call?.type === 'SUBSCRIBE' && answerLine(replay, line)?.http?.status === 307;

/** Whether an answer is the one that ends the waiting; a redirect must name the recorded leader. */
function isAwaited(replay: Replay, expected: TraceLine, answer: Answer | NodeJS.ErrnoException): boolean {
  if (summary(answer) !== recordedSummary(expected)) return false;
  const location = header(expected.http?.headers ?? {}, 'location');
  return (
    !location || !('headers' in answer) || replay.ids.sameText(location, header(answer.headers, 'location'))
  );
}

/** Sends what a `>` line tells. */
export async function send(replay: Replay, line: TraceLine): Promise<void> {
  const endpoint = endpointOf(replay, line);
  const { method, path } = line.http!;
  const request: Request = {
    method: method!,
    path: replay.ids.text(path!),
    headers: requestHeaders(replay, line),
    body: bodyOf(replay, line),
  };
  // An answer that no line tells of must still be read, or the connection stays busy.
  void replay.exchanges.get(connectionOf(line))?.answer.then(
    ({ message }) => message?.resume(),
    () => {},
  );
  const expected = answerLine(replay, line);
  // Recorders did not always ask whether a process was up: it was.
  if (replay.starting.has(endpoint) && expected && !WAITING.test(recordedSummary(expected)))
    await serving(replay, endpoint);
  const exchange: Exchange = { answer: Promise.reject(new Error('not sent')) };
  exchange.answer.catch(() => {});
  exchange.answer = isWaiting(replay, line, expected)
    ? retry(replay, expected!, endpoint, request, exchange)
    : method === 'HEAD'
      ? head(endpoint, request, exchange)
      : replay.connections.send(connectionOf(line), endpoint, request);
  exchange.answer.catch(() => {});
  replay.exchanges.set(connectionOf(line), exchange);
}

async function retry(
  replay: Replay,
  expected: TraceLine,
  endpoint: Endpoint,
  request: Request,
  exchange: Exchange,
): Promise<Answer> {
  const leftMs = patience(replay, expected);
  const after = replay.acted;
  exchange.skipped = [];
  let tries = 0;
  for (;;) {
    const answer = await replay.connections
      .sendAlone(endpoint, request)
      .catch((error: NodeJS.ErrnoException) => error);
    if (isAwaited(replay, expected, answer) || summary(answer) === '200' || leftMs() <= 0) {
      if (summary(answer) === '307') exchange.early = farTooEarly(after, expected);
      if ('status' in answer) return answer;
      throw answer;
    }
    if ('status' in answer) answer.message.resume();
    exchange.skipped.push(summary(answer));
    await sleep(tries++ < QUICK_TRIES ? QUICK_RETRY_MS : RETRY_MS);
  }
}

/** Node's client cannot tell whether the answer to a HEAD carries a body. */
async function head(endpoint: Endpoint, request: Request, exchange: Exchange): Promise<Answer> {
  const text = await rawExchange(
    endpoint,
    `HEAD ${request.path} HTTP/1.1\r\nHost: ${endpoint.host}:${endpoint.port}\r\n\r\n`,
  );
  const [top, ...rest] = text.split('\r\n\r\n');
  const [statusLine, ...headerLines] = top!.split('\r\n');
  const [, status, reason] = /^HTTP\/1\.1 (\d+) (.*)$/.exec(statusLine!) ?? [];
  exchange.body = Buffer.from(rest.join('\r\n\r\n'));
  const headers = Object.fromEntries(
    headerLines.map((one) => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 2)]),
  );
  return { status: Number(status), reason: reason ?? '', headers, message: undefined as never };
}

/** Compares an answer with the recorded one; an open stream is kept for the events that follow. */
export async function expectAnswer(replay: Replay, line: TraceLine): Promise<string[]> {
  const exchange = replay.exchanges.get(connectionOf(line));
  if (!exchange) return ['no request is open for this answer'];
  const answer = await exchange.answer.catch((error: NodeJS.ErrnoException) => error);
  if (line.error || !line.http) return expectError(line, answer, exchange);
  if (!('status' in answer)) return [`recorded ${line.http.status}, got ${summary(answer)}`];
  const found = [
    ...compareHead(replay, line, answer),
    ...repeated(line, exchange),
    ...(exchange.early ?? []),
  ];
  return [...found, ...(await expectBody(replay, line, answer, exchange))];
}

function expectError(line: TraceLine, answer: Answer | NodeJS.ErrnoException, exchange: Exchange): string[] {
  if (line.error === 'HPE_INVALID_CONSTANT')
    return exchange.body?.length ? [] : ['the answer to HEAD carries no body'];
  const recorded = recordedSummary(line);
  if (/^HTTP /.test(recorded)) return [];
  const actual = summary(answer);
  const broken = /^(aborted|ECONN|EPIPE|socket)/;
  return recorded === actual || (broken.test(recorded) && broken.test(actual) && recorded !== 'ECONNREFUSED')
    ? []
    : [`recorded ${recorded}, got ${actual}`];
}

/** While waiting for an answer only what was recorded before it may come. */
function repeated(line: TraceLine, exchange: Exchange): string[] {
  const odd = (exchange.skipped ?? []).filter((one) => /^\d/.test(one) && !/^(404|503|307)$/.test(one));
  return odd.length > 0 ? [`answered ${odd[0]} while it was recorded as ${line.http!.status}`] : [];
}

const COMPARED_HEADERS = ['content-type', 'allow', 'location', 'www-authenticate', 'transfer-encoding'];
const PASSING_HEADERS = new Set(['date', 'connection', 'keep-alive', 'content-length']);

function compareHead(replay: Replay, line: TraceLine, answer: Answer): string[] {
  const recorded = line.http!;
  const found: string[] = [];
  if (recorded.status !== answer.status)
    found.push(`status: recorded ${recorded.status}, got ${answer.status}`);
  else if (recorded.reason !== answer.reason)
    found.push(`reason: recorded '${recorded.reason}', got '${answer.reason}'`);
  const theirs = answer.headers;
  const names = (headers: Record<string, unknown>) =>
    Object.keys(headers)
      .map((name) => name.toLowerCase())
      .filter((name) => !PASSING_HEADERS.has(name))
      .sort()
      .join(', ');
  if (names(recorded.headers ?? {}) !== names(theirs))
    found.push(`headers: recorded ${names(recorded.headers ?? {})}; got ${names(theirs)}`);
  for (const name of COMPARED_HEADERS) {
    const expected = header(recorded.headers ?? {}, name);
    const actual = header(theirs, name);
    if (expected && actual && !replay.ids.sameText(expected, actual))
      found.push(`${name}: recorded '${expected}', got '${actual}'`);
  }
  const id = header(recorded.headers ?? {}, 'mesos-stream-id');
  if (id) replay.ids.same(id, header(theirs, 'mesos-stream-id'));
  return found;
}

export function decoderFor(line: TraceLine): Decode {
  if (header(line.http?.headers ?? {}, 'content-type') !== PROTOBUF)
    return (record) => JSON.parse(record.toString('utf8')) as JsonObject;
  return protobufDecoder(line.who);
}

async function expectBody(
  replay: Replay,
  line: TraceLine,
  answer: Answer,
  exchange: Exchange,
): Promise<string[]> {
  if (line.body === undefined && line.json === undefined && line.body_base64 === undefined) {
    if (answer.status !== 200) return [];
    replay.streams.get(line.conn!)?.cut();
    replay.streams.set(line.conn!, new EventStream(answer.message, decoderFor(line), () => replay.line.line));
    return [];
  }
  const streaming = header(line.http!.headers ?? {}, 'transfer-encoding') === 'chunked';
  if (streaming) return expectBriefStream(replay, line, answer);
  const body = exchange.body ?? (await readBody(answer.message));
  if (line.json !== undefined) return expectJson(replay, line.json, body);
  if (typeof line.body !== 'string' || /left out\)$/.test(line.body)) return [];
  if (replay.ids.sameText(line.body, body.toString('utf8'))) return [];
  if (exchange.body && line.body === '') return [];
  const asJson = /^[[{]/.test(line.body)
    ? expectJson(replay, JSON.parse(line.body) as Json, body)
    : undefined;
  return asJson ?? [`body: recorded '${line.body}', got '${body.toString('utf8').slice(0, 600)}'`];
}

function expectJson(replay: Replay, recorded: Json, body: Buffer): string[] {
  try {
    const actual = JSON.parse(body.toString('utf8')) as Json;
    return replay.ids.attempt(() => differences(recorded, actual, replay.ids));
  } catch {
    return [`body: not JSON: ${body.toString('utf8').slice(0, 300)}`];
  }
}

const BRIEF_MS = 400;

/** A stream that the recorder read for a moment and dropped: its first record is compared. */
async function expectBriefStream(replay: Replay, line: TraceLine, answer: Answer): Promise<string[]> {
  const stream = new EventStream(answer.message, decoderFor(line), () => replay.line.line);
  await stream.until(() => stream.events[0], patience(replay, line));
  await sleep(BRIEF_MS);
  stream.cut();
  const [first] = stream.events;
  if (first?.event.type !== 'SUBSCRIBED') return ['the first event is not SUBSCRIBED'];
  const recorded = typeof line.body === 'string' ? line.body : undefined;
  if (recorded === undefined) return [];
  const size = Number.parseInt(recorded, 10);
  const start = recorded.indexOf('\n') + 1;
  const subscribed = JSON.parse(recorded.slice(start, start + size)) as Json;
  return replay.ids.attempt(() => differences(subscribed, first.event, replay.ids));
}
