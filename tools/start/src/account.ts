/** The demo cluster's account, where the `cotton` command keeps it: the API tells a password once, at the creation. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface KeptAccount {
  user: string;
  password: string;
  /** Addresses of the schedulers at the creation; for no other the `cotton` command uses it. */
  api: string[];
}

/** As the command that `writeCottonCommand` makes finds it. */
export function credentialsFile(stateDir: string): string {
  return join(process.env.XDG_CONFIG_HOME || join(stateDir, 'config'), 'cotton/credentials.json');
}

export async function findAccount(file: string, uid: string): Promise<KeptAccount | undefined> {
  try {
    const { clusters } = JSON.parse(await readFile(file, 'utf8')) as {
      clusters: (KeptAccount & { uid: string })[];
    };
    return clusters.find((entry) => entry.uid === uid);
  } catch {
    // Not there, or damaged: it is not kept. The parser's message would quote the file.
    return undefined;
  }
}
