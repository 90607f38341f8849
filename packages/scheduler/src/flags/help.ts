/** What `--help` prints. */
import { environmentName, FLAG_NAMES, kindOf } from './list.ts';

const WIDTH = 100;
const INDENT = '      ';

export function helpText(): string {
  const entries = FLAG_NAMES.map((name) => {
    const { value, default: fallback, meaning } = kindOf(name);
    const usage = value === undefined ? `--[no-]${name}` : `--${name}=${value}`;
    const shown = fallback === '' ? '' : fallback === 'required' ? ' (required)' : ` [default: ${fallback}]`;
    return `  ${usage}${shown}\n${wrapped(meaning)}`;
  });
  return [
    'Usage: cotton-scheduler --flag=value …',
    '',
    `Every flag may also come from the environment: --zk_url from ${environmentName('zk_url')}, and so on.`,
    'A flag goes before the environment. The values of --zk_url, --mesos_master and the flags that take JSON',
    'or free text may be file:///path: then the file is read, and no secret stands in the process list.',
    '',
    ...entries,
    '',
  ].join('\n');
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
