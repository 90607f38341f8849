import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Any JSON value; traces and answers are compared without knowing their types. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface RecordedHttp {
  method?: string;
  path?: string;
  status?: number;
  reason?: string;
  headers?: Record<string, string | number>;
}

/** One line of a recording; docs in `../README.md`. */
export interface TraceLine {
  /** 1-based line number in its file. */
  line: number;
  t_ms: number;
  who: string;
  conn?: string;
  dir?: '>' | '<';
  executor?: string;
  http?: RecordedHttp;
  call?: JsonObject;
  event?: JsonObject;
  body?: string | { base64: string };
  body_base64?: string;
  json?: Json;
  closed?: string;
  error?: string;
  note?: string;
  raw?: string;
  raw_chunk_base64?: string;
  base64?: string;
  environment?: Record<string, string>;
  cwd?: string;
  argv0?: string;
  uid?: number;
  gid?: number;
  umask?: string;
  entries?: Json[];
  stat?: Json;
  realpath?: string;
  exit?: { code: number | null; signal: string | null };
  code?: number | null;
  state?: Json;
  framework_info?: Json;
  znodes?: Record<string, Json>;
}

/** A part of a scenario that the recorder headed with `=== …`. */
export interface Section {
  title: string;
  lines: TraceLine[];
}

export interface Scenario {
  /** Two digits, `05`. */
  number: string;
  /** `05-launch-with-volume`. */
  name: string;
  lines: TraceLine[];
  sections: Section[];
}

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

function sectionsOf(lines: TraceLine[]): Section[] {
  const sections: Section[] = [{ title: 'start', lines: [] }];
  for (const line of lines) {
    const [, title] = /^=== ?(.*)/.exec(line.note ?? '') ?? [];
    if (title !== undefined) sections.push({ title, lines: [] });
    sections.at(-1)!.lines.push(line);
  }
  return sections;
}

/** Reads one recorded scenario. */
export function readScenario(name: string): Scenario {
  const text = readFileSync(`${FIXTURES}/${name}.jsonl`, 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((one, index): TraceLine => ({ ...(JSON.parse(one) as TraceLine), line: index + 1 }));
  return { number: name.slice(0, 2), name, lines, sections: sectionsOf(lines) };
}

/** All recorded scenarios, in order. */
export function readScenarios(): Scenario[] {
  const names = readdirSync(FIXTURES).filter((file) => file.endsWith('.jsonl'));
  return names.sort().map((file) => readScenario(file.replace('.jsonl', '')));
}
