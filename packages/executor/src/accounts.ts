import { createHmac } from 'node:crypto';
import type { Control } from '@cotton/core';

/**
 * The account with which the instance of this server id replicates: one each, so that one can be locked out alone. Its
 * name cannot be known in advance: a tenant could make stored programs of that name, which the account would then run.
 */
export function replicationAccount(serverId: number, password: string): { user: string; password: string } {
  const unknown = createHmac('sha256', password).update(`account ${serverId}`).digest('hex').slice(0, 12);
  return { user: `cotton_r${serverId}_${unknown}`, password };
}

/** Which accounts control asks the primary to have. */
export function accountsKey(control: Control | undefined): string {
  if (!control) return '';
  const servers = control.members.map((member) => member.serverId).sort((a, b) => a - b);
  return JSON.stringify([control.user, ...servers]);
}
