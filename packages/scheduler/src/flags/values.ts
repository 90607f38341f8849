/** Reads the values of flags: each function takes the text as given and returns the value, or what is wrong with it. */
import { isIP } from 'node:net';
import { parseDuration } from '@cotton/api';
import { parseMasterAddress } from '@cotton/mesos';
import { parseZkUrl, type ZkUrl } from '@cotton/zookeeper';
import { isObject, isText } from './files.ts';
import { wrong, type Read } from './read.ts';

/** One thing for the mesos-fetcher (`CommandInfo.URI`). */
export interface ExecutorUri {
  value: string;
  extract: boolean;
  executable: boolean;
  cache: boolean;
  /** Name in the sandbox; undefined: the last part of `value`. */
  outputFile: string | undefined;
}

export interface EnvironmentVariable {
  name: string;
  value: string;
}

const LIST_MAX = 100;

export function readText(text: string): Read<string> {
  return text.includes('\0') ? wrong('holds a NUL character; remove it.') : { value: text };
}

export function readPort(text: string): Read<number> {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535
    ? { value: port }
    : wrong('must be a port: a whole number from 1 to 65535.');
}

export function readAddress(text: string): Read<string> {
  if (text === 'localhost') return { value: '127.0.0.1' };
  return isIP(text)
    ? { value: text }
    : wrong('must be an IP address of this machine, such as 0.0.0.0 for all.');
}

export function readHost(text: string): Read<string> {
  const isName = text.length <= 253 && /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text);
  return isName || isIP(text)
    ? { value: text }
    : wrong('must be a host name or an IP address, without a port.');
}

export function readUser(text: string): Read<string> {
  return /^[A-Za-z0-9_.][A-Za-z0-9_.@-]{0,63}\$?$/.test(text)
    ? { value: text }
    : wrong('must be the name of a Unix user.');
}

/** As Mesos checks roles (`common/roles.cpp`), and not `*`, which cannot hold reservations. */
export function readRole(text: string): Read<string> {
  if (text === '*')
    return wrong('cannot be "*": only another role can reserve resources. Name one, such as cotton.');
  const isRole = text.split('/').every((part) => /^(?!\.{1,2}$)(?!-)[^\s\\*\0]+$/.test(part));
  return isRole && text.length <= 128
    ? { value: text }
    : wrong('is not a Mesos role; use letters, digits, "_", "-" inside, and "/" between levels.');
}

export function readDnsLabel(text: string): Read<string> {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(text)
    ? { value: text }
    : wrong('must be a DNS label: at most 63 letters, digits and "-", not at the ends.');
}

/** A duration within bounds, in milliseconds. */
export function readDuration(minMs: number, maxMs: number): (text: string) => Read<number> {
  return (text) => {
    const ms = parseDuration(text);
    if (ms === undefined) return wrong('is not a duration; write 60s, 10mins, 1h30m or 14d.');
    if (ms < minMs || ms > maxMs) return wrong(`must be from ${minMs / 1000}s to ${maxMs / 1000}s.`);
    return { value: ms };
  };
}

/** The address itself, checked: the Mesos library reads it again. It may hold credentials. */
export function readMaster(text: string): Read<string> {
  if (text.startsWith('zk://')) {
    const url = readZkUrl(text);
    return 'wrong' in url ? url : { value: text };
  }
  try {
    parseMasterAddress(text);
    return { value: text };
  } catch {
    return wrong('must be host:port, http://host:port or zk://host:port,…/path.');
  }
}

/** A ZooKeeper URL below the root: the root belongs to nobody. */
export function readZkUrl(text: string): Read<ZkUrl> {
  try {
    const url = parseZkUrl(text);
    return url.path === '/' ? wrong('needs a path, such as zk://host:2181/cotton.') : { value: url };
  } catch {
    return wrong('must be zk://[user:password@]host:port,host:port/path.');
  }
}

export function readStorage(text: string): Read<'zk' | 'local'> {
  return text === 'zk' || text === 'local' ? { value: text } : wrong('must be zk or local.');
}

export function readSwitch(text: string): Read<boolean> {
  if (/^(true|yes|1)$/i.test(text)) return { value: true };
  if (/^(false|no|0)$/i.test(text)) return { value: false };
  return wrong('is a switch; write --verbose or --no-verbose, in the environment true or false.');
}

export function readUri(text: string): Read<string> {
  return isUri(text)
    ? { value: text }
    : wrong('must be an absolute path on every agent, or scheme://…, without blanks.');
}

export function readEnviron(text: string): Read<EnvironmentVariable[]> {
  const example = '[{"name": "TZ", "value": "UTC"}]';
  const list = readList(text, example);
  if ('wrong' in list) return list;
  const isVariable = (item: Record<string, unknown>) =>
    isText(item.name) &&
    !/[=\0]/.test(item.name) &&
    typeof item.value === 'string' &&
    !item.value.includes('\0');
  if (!list.value.every((item) => isVariable(item) && hasOnly(item, ['name', 'value'])))
    return wrong(`needs texts "name" (without "=") and "value" in each item, and nothing else: ${example}.`);
  const variables = list.value as unknown as EnvironmentVariable[];
  const names = variables.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? { value: variables } : wrong(`sets ${twice} twice; remove one.`);
}

export function readExecutorUris(text: string): Read<ExecutorUri[]> {
  const example = '[{"value": "http://host/mysql.tar.gz", "extract": false, "cache": true}]';
  const list = readList(text, example);
  if ('wrong' in list) return list;
  if (!list.value.every(isExecutorUri))
    return wrong(
      `needs in each item "value" (a URI or absolute path); "extract", "executable" and "cache" are true or false, "output_file" is a plain file name: ${example}.`,
    );
  return {
    value: list.value.map((item) => ({
      value: item.value as string,
      extract: item.extract === true,
      executable: item.executable === true,
      cache: item.cache === true,
      outputFile: item.output_file as string | undefined,
    })),
  };
}

function isExecutorUri(item: Record<string, unknown>): boolean {
  const { value, extract, executable, cache, output_file: outputFile } = item;
  return (
    hasOnly(item, ['value', 'extract', 'executable', 'cache', 'output_file']) &&
    typeof value === 'string' &&
    isUri(value) &&
    [extract, executable, cache].every((flag) => flag === undefined || typeof flag === 'boolean') &&
    (outputFile === undefined || (isText(outputFile) && /^(?!\.{1,2}$)[^/\0]+$/.test(outputFile)))
  );
}

function readList(text: string, example: string): Read<Record<string, unknown>[]> {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return wrong(`is not JSON; write ${example}.`);
  }
  if (!Array.isArray(list) || list.length > LIST_MAX || !list.every(isObject))
    return wrong(`must be a JSON list of at most ${LIST_MAX} objects: ${example}.`);
  return { value: list };
}

function isUri(text: string): boolean {
  return text.length <= 4096 && /^([a-z][a-z0-9+.-]*:\/\/|\/)[^\s\u0000-\u001f]+$/i.test(text);
}

function hasOnly(item: Record<string, unknown>, known: readonly string[]): boolean {
  return Object.keys(item).every((key) => known.includes(key));
}
