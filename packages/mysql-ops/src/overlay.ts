import { MysqlOpsError } from './error.ts';
import { refusal } from './rules.ts';

export interface OverlayProblem {
  line: number;
  setting: string;
  reason: string;
}

export interface OverlaySetting {
  /** As MySQL's variable is called: lower case, underscores. */
  name: string;
  /** Raw text behind `=`; undefined for a bare flag. */
  value?: string;
}

/** A user's my.cnf text, read: only a `[mysqld]` group means anything to an instance. */
export interface Overlay {
  settings: OverlaySetting[];
  problems: OverlayProblem[];
}

const MAX_LINES = 2000;
const NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;
/** mysqld takes these before any option's name. */
const PREFIX = /^(loose|skip|disable|enable|maximum)_/;

/** Reads a my.cnf overlay and finds everything in it that is refused. Never throws. */
export function readOverlay(text: string): Overlay {
  const overlay: Overlay = { settings: [], problems: [] };
  const lines = text.split(/\r?\n/);
  let group = '';
  const refuse = (line: number, setting: string, reason: string) =>
    overlay.problems.push({ line, setting, reason });
  if (lines.length > MAX_LINES) refuse(MAX_LINES, '', `more than ${MAX_LINES} lines`);
  for (const [index, raw] of lines.slice(0, MAX_LINES).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[([^\]]*)\]$/.exec(line);
    if (header) group = (header[1] ?? '').trim();
    else if (line.startsWith('!')) refuse(index + 1, line, 'files cannot be included');
    else if (group !== 'mysqld') refuse(index + 1, line.slice(0, 80), 'only the group [mysqld] is read');
    else readSetting(line, index + 1, overlay);
  }
  return overlay;
}

function readSetting(line: string, number: number, overlay: Overlay): void {
  const equals = line.indexOf('=');
  const written = (equals < 0 ? line : line.slice(0, equals)).trim();
  const value = equals < 0 ? undefined : line.slice(equals + 1).trim();
  const name = written.toLowerCase().replaceAll(/[-.]/g, '_');
  const reason = NAME.test(written) && !hasControlCharacter(line) ? refusalOf(name) : 'not a setting';
  if (reason !== undefined) overlay.problems.push({ line: number, setting: written.slice(0, 80), reason });
  else overlay.settings.push(value === undefined ? { name } : { name, value });
}

/** The name itself and every name it stands for: `loose_skip_log_bin` also means `log_bin`. */
function refusalOf(name: string): string | undefined {
  const bare = name.replace(PREFIX, '');
  return refusal(name) ?? (bare === name ? undefined : refusalOf(bare));
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((c) => c < ' ' && c !== '\t');
}

/** @throws MysqlOpsError `config_refused`, naming every refused line */
export function requireOverlay(text: string): OverlaySetting[] {
  const { settings, problems } = readOverlay(text);
  if (problems.length === 0) return settings;
  const list = problems.slice(0, 20).map((p) => `line ${p.line}, ${p.setting}: ${p.reason}`);
  throw new MysqlOpsError('config_refused', list.join('; '));
}
