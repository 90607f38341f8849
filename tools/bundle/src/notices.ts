import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The name, version and licence text of every third-party package among the bundled source files `inputs`. */
export async function thirdPartyNotices(inputs: Iterable<string>): Promise<string> {
  const notices = await Promise.all([...packageFolders(inputs)].sort().map(noticeOf));
  const parts = ['This bundle contains the following third-party packages.', ...notices];
  return `${parts.join(`\n\n${'-'.repeat(80)}\n`)}\n`;
}

function packageFolders(inputs: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const input of inputs) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
    if (folder) folders.add(folder);
  }
  return folders;
}

async function noticeOf(folder: string): Promise<string> {
  const facts = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const licence = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = licence ? await readFile(join(folder, licence), 'utf8') : '';
  return `${String(facts['name'])} ${String(facts['version'])} (${String(facts['license'] ?? 'see below')})\n\n${text.trim()}`.trim();
}
