import { join } from 'node:path';
import { readJson, writeJson } from '../atomic-file.ts';
import { emptyRegistry, type RegistryState, type RegistryStore } from './registry.ts';

/** The registry of a master that is alone, in its work directory. */
export function fileRegistry(workDir: string): RegistryStore {
  const file = join(workDir, 'registry.json');
  return {
    load: () => Promise.resolve(readJson<RegistryState>(file) ?? emptyRegistry()),
    save: (state) => writeJson(file, state),
  };
}
