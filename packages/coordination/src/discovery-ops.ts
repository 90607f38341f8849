import { joinPath, type Op } from '@cotton/zookeeper';
import {
  MEMBER_PREFIX,
  PRIMARY_GROUP,
  reconcileGroup,
  REPLICA_GROUP,
  type ServerSetMember,
} from './server-set.ts';

/** Whom the clients of one cluster find. */
export interface Endpoints {
  primary?: ServerSetMember;
  replicas: ServerSetMember[];
}

/** A group as read: members by node name, and the version of the group's own node. */
export interface GroupNodes {
  version: number;
  members: ReadonlyMap<string, Buffer>;
}

/** undefined: the node is missing. */
export interface DiscoveryNodes {
  exists: boolean;
  primary: GroupNodes | undefined;
  replicas: GroupNodes | undefined;
}

const EMPTY = Buffer.alloc(0);

/** What turns `current` into `wanted`, for one `multi`; empty when nothing is to do. */
export function reconcileOps(path: string, current: DiscoveryNodes, wanted: Endpoints): Op[] {
  const primary = wanted.primary ? [wanted.primary] : [];
  return [
    ...(current.exists ? [] : [{ op: 'create', path, data: EMPTY } as const]),
    ...groupOps(joinPath(path, PRIMARY_GROUP), current.primary, primary),
    ...groupOps(joinPath(path, REPLICA_GROUP), current.replicas, wanted.replicas),
  ];
}

function groupOps(group: string, current: GroupNodes | undefined, wanted: readonly ServerSetMember[]): Op[] {
  const { remove, add } = reconcileGroup(current?.members ?? new Map(), wanted);
  const changed = remove.length > 0 || add.length > 0;
  // Setting the group's node at its version makes each change apply once: a repetition after a lost connection
  // is refused instead of adding a second primary.
  const guard: Op[] = !current
    ? [{ op: 'create', path: group, data: EMPTY }]
    : changed
      ? [{ op: 'set', path: group, data: EMPTY, version: current.version }]
      : [];
  // Members are never changed in place: clients that watch only the list must see a new name.
  const creates = add.map((data): Op => ({
    op: 'create',
    path: joinPath(group, MEMBER_PREFIX),
    data,
    sequential: true,
  }));
  return [...guard, ...removeMembers(group, remove), ...creates];
}

function removeMembers(group: string, names: Iterable<string>): Op[] {
  return [...names].map((name) => anyVersion(joinPath(group, name)));
}

function anyVersion(path: string): Op {
  return { op: 'remove', path, version: -1 };
}
