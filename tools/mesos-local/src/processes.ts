import { fileURLToPath } from 'node:url';

/** What to run Node with to get a role of this tool as a process of its own. */
export function entryPoint(): string[] {
  return ['--conditions=@cotton/source', fileURLToPath(new URL('./main.ts', import.meta.url))];
}
