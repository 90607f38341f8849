/** A `cotton` command that knows this stack, so that trying it needs no installation and no set-up. */
import { ensureMysql } from '@cotton/setup';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundles } from './paths.ts';

/** @returns the path of the command */
export async function writeCottonCommand(dir: string, stateDir: string, api: string): Promise<string> {
  const { root: mysqlTree } = await ensureMysql();
  const file = join(dir, 'cotton');
  await mkdir(dir, { recursive: true });
  await writeFile(
    file,
    [
      '#!/bin/sh',
      '# Written by npm start; removed when it ends.',
      `export COTTON_API="\${COTTON_API:-${api}}"`,
      `export COTTON_MYSQL="\${COTTON_MYSQL:-${mysqlTree}}"`,
      `export XDG_CONFIG_HOME="\${XDG_CONFIG_HOME:-${join(stateDir, 'config')}}"`,
      `exec "${process.execPath}" "${bundles.cli}" "$@"`,
      '',
    ].join('\n'),
    { mode: 0o755 },
  );
  return file;
}
