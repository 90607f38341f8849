import { rolesOf, type FrameworkInfo } from '../messages.ts';
import type { Acl } from './config.ts';

interface Entity {
  type?: 'ANY' | 'NONE' | 'SOME';
  values?: string[];
}

type Rule = Record<string, Entity>;

const matches = (entity: Entity | undefined, value: string | undefined): boolean => {
  if (!entity || entity.type === 'ANY') return true;
  return entity.type !== 'NONE' && value !== undefined && (entity.values ?? []).includes(value);
};

const allows = (entity: Entity | undefined, value: string): boolean =>
  !entity || entity.type === 'ANY' || (entity.type !== 'NONE' && (entity.values ?? []).includes(value));

/** The first rule of an action that speaks of the principal decides; without one, `permissive` (true) does. */
function allowed(
  acls: Acl,
  action: string,
  principal: string | undefined,
  object: string,
  value: string,
): boolean {
  for (const rule of (acls[action] as Rule[] | undefined) ?? []) {
    if (matches(rule['principals'], principal)) return allows(rule[object], value);
  }
  return acls.permissive !== false;
}

export const mayRegister = (acls: Acl, info: FrameworkInfo): boolean =>
  rolesOf(info).every((role) => allowed(acls, 'register_frameworks', info.principal, 'roles', role));

export const mayRunAs = (acls: Acl, principal: string | undefined, user: string): boolean =>
  allowed(acls, 'run_tasks', principal, 'users', user);

export const mayReserve = (acls: Acl, principal: string | undefined, role: string): boolean =>
  allowed(acls, 'reserve_resources', principal, 'roles', role);

export const mayUnreserve = (acls: Acl, principal: string | undefined, owner: string): boolean =>
  allowed(acls, 'unreserve_resources', principal, 'reserver_principals', owner);

export const mayCreateVolume = (acls: Acl, principal: string | undefined, role: string): boolean =>
  allowed(acls, 'create_volumes', principal, 'roles', role);

export const mayDestroyVolume = (acls: Acl, principal: string | undefined, creator: string): boolean =>
  allowed(acls, 'destroy_volumes', principal, 'creator_principals', creator);
