import { readFileSync } from 'node:fs';

export interface User {
  name: string;
  uid: number;
  gid: number;
}

/** Looks a user up in the passwd file. */
export function findUser(name: string): User | undefined {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [login, , uid, gid] = line.split(':');
    if (login === name) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** Only root can become somebody else; an unprivileged agent runs everything as itself. */
export const canSwitchUser = (): boolean => process.getuid?.() === 0;
