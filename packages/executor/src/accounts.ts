import type { Control } from '@cotton/core';

/** The account with which the instance of this server id replicates: one each, so that one can be locked out alone. */
export function replicationAccount(serverId: number): string {
  return `cotton_r${serverId}`;
}

/** Which accounts control asks the primary to have. */
export function accountsKey(control: Control | undefined): string {
  if (!control) return '';
  const servers = control.members.map((member) => member.serverId).sort((a, b) => a - b);
  return JSON.stringify([control.user, ...servers]);
}
