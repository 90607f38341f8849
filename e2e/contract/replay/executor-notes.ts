import type { Json, JsonObject, TraceLine } from '../trace/trace.ts';
import { differences } from './compare.ts';
import type { Replay } from './context.ts';
import type { Puppet } from './puppet.ts';
import { patience } from './timing.ts';
import { EXECUTOR_FILE } from './file-server.ts';

type Handler = (replay: Replay, line: TraceLine, match: RegExpExecArray) => Promise<string[] | void>;

function puppetOf(replay: Replay, line: TraceLine): Puppet {
  const puppet = replay.puppets.get(line.executor!);
  if (!puppet) throw new Error(`no process was launched for ${line.executor}`);
  return puppet;
}

const launched: Handler = async (replay, line) => {
  const puppet = await replay.theatre.next(line.executor!, patience(replay, line));
  if (!puppet) return [`no process was launched for ${line.executor}`];
  replay.puppets.set(line.executor!, puppet);
  const { environment, cwd, uid, gid, umask } = line;
  const recorded = { environment, cwd, uid, gid, umask } as unknown as JsonObject;
  return replay.ids.attempt(() => differences(recorded, puppet.view as unknown as Json, replay.ids));
};

/** One line per directory entry: name, type, mode, owner, size, target and what the target is. */
const LIST = (directory: string): string =>
  `cd '${directory}' 2>/dev/null && for f in * .[!.]*; do [ -e "$f" ] || [ -L "$f" ] || continue; ${describe('"$f"')}; done`;
const describe = (file: string): string =>
  `stat -c '%n|%F|%a|%u|%g|%s' -- ${file}; [ -L ${file} ] && readlink -- ${file} && stat -L -c '%F|%a|%u|%g' -- ${file}; echo .`;

const TYPES: Record<string, string> = {
  'regular file': 'file',
  'regular empty file': 'file',
  directory: 'directory',
  'symbolic link': 'symlink',
};
/** Files whose length is the recorder's or the fetcher's own business. */
const ARCHIVE = /^(pkg|named|noext|readme\.txt\.gz)/;
const OWN_LENGTH = new Set([EXECUTOR_FILE, 'stderr', 'stdout']);

function parseEntries(text: string): JsonObject[] {
  return text
    .split(/^\.$/m)
    .map((one) => one.trim().split('\n'))
    .filter(([first]) => first !== '')
    .map(([own, target, targetIs]): JsonObject => {
      const [name, type, mode, uid, gid, size] = own!.split('|');
      const kind = TYPES[type!] ?? type!;
      const entry = { name: name!, type: kind, mode: mode!, uid: Number(uid), gid: Number(gid) };
      if (kind === 'file') return { ...entry, size: Number(size) };
      if (kind !== 'symlink') return entry;
      const [targetType, targetMode, targetUid, targetGid] = targetIs!.split('|');
      const what = {
        type: TYPES[targetType!] ?? '',
        mode: targetMode!,
        uid: Number(targetUid),
        gid: Number(targetGid),
      };
      return { ...entry, target: target!, target_is: what };
    });
}

const isOwnLength = (name: string): boolean => OWN_LENGTH.has(name) || ARCHIVE.test(name);

const withoutOwnLength = (entries: Json[]): Json[] =>
  (entries as { name: string; size?: number }[])
    .map(({ size, ...rest }) => (isOwnLength(rest.name) || size === undefined ? rest : { ...rest, size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1)) as unknown as Json[];

const list: Handler = async (replay, line, match) => {
  const text = await puppetOf(replay, line).run(LIST(match[1]!));
  if (!Array.isArray(line.entries)) return text === '' ? [] : [`${match[1]} is there: ${text}`];
  return differences(withoutOwnLength(line.entries), withoutOwnLength(parseEntries(text)), replay.ids);
};

const stat: Handler = async (replay, line, match) => {
  const text = await puppetOf(replay, line).run(`${describe(`'${match[1]}'`)}; readlink -f '${match[1]}'`);
  const end = text.lastIndexOf('\n');
  const [entry] = parseEntries(text.slice(0, end));
  const actual = { stat: entry ?? null, realpath: text.slice(end + 1) };
  return differences({ stat: line.stat!, realpath: line.realpath! }, actual, replay.ids);
};

const missing: Handler = async (replay, line, match) => {
  const text = await puppetOf(replay, line).run(`[ -e '${match[1]}' ] && echo there`);
  return text === '' ? [] : [`${match[1]} is there`];
};

/** What the recording's scheduler told the executor to write stands in the MESSAGE or the task's RECORDER. */
function contentOf(replay: Replay, file: string): string {
  const text = JSON.stringify(replay.scenario.lines.map(({ call }) => call ?? null)).replace(/\\+"/g, '"');
  const messages = replay.scenario.lines.flatMap(({ call }) =>
    call?.type === 'MESSAGE'
      ? [Buffer.from(String((call.message as JsonObject).data), 'base64').toString('utf8')]
      : [],
  );
  const pattern = new RegExp(`"write":\\["${file.replaceAll('.', '\\.')}","([^"]*)"`);
  return [...messages, text].map((one) => pattern.exec(one)?.[1]).find((one) => one !== undefined) ?? '';
}

const write: Handler = async (replay, line, match) => {
  const content = contentOf(replay, match[1]!);
  const printed = await puppetOf(replay, line).run(`printf '%s' '${content}' > '${match[1]}'`);
  return printed === '' ? [] : [`writing ${match[1]}: ${printed}`];
};

const read: Handler = async (replay, line, match) => {
  const text = await puppetOf(replay, line).run(`cat '${match[1]}'`);
  return text === match[2] ? [] : [`${match[1]}: recorded '${match[2]}', got '${text}'`];
};

const mounts: Handler = async (replay, line) => {
  const text = await puppetOf(replay, line).run('grep " $(pwd)/" /proc/self/mountinfo');
  return text === '' ? [] : [`mounted under the sandbox: ${text}`];
};

const exit: Handler = async (replay, line, match) => puppetOf(replay, line).end(`exit ${match[1]}`);

const HANDLERS: [RegExp, Handler][] = [
  [/^environment$/, launched],
  [/^ls (.+)$/, list],
  [/^(?:stat|read) (\S+): ENOENT$/, missing],
  [/^stat (\S+)$/, stat],
  [/^wrote (\S+)$/, write],
  [/^read (\S+): "(.*)"$/, read],
  [/^mounts under the sandbox$/, mounts],
  [/exit\((\d+)\)/, exit],
  [/^kill -9 self$/, async (replay, line) => puppetOf(replay, line).end('kill -9 $$')],
];

/** Makes the launched process do, or looks at, what a remark of a recorded executor says. */
export async function executorNote(replay: Replay, line: TraceLine): Promise<string[] | undefined> {
  for (const [pattern, handler] of HANDLERS) {
    const match = pattern.exec(line.note!);
    if (match) return (await handler(replay, line, match)) ?? undefined;
  }
  return undefined;
}
