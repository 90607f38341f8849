/** Where processes of the lab run. */
export interface Host {
  name: string;
  ip: string;
  /** What its processes are started through. */
  launcher: readonly string[];
  /** What its processes take for the kernel's boot id; only in a namespace. */
  bootIdFile?: string;
}

export type CutHow = 'drop' | 'reset' | 'one way';

/**
 * What agents have their volumes on. `shared`: the machine's disk. `memory`: small file systems, which can be filled.
 * `image`: such that can be frozen, too.
 */
export type DiskKind = 'shared' | 'memory' | 'image';

/** The hosts and what is between them. */
export interface Ground {
  /** 'namespaces': each host has a network of its own. 'processes': all are this machine. */
  readonly kind: 'namespaces' | 'processes';
  readonly disks: DiskKind;
  /** The hosts by name; `clients` is where this process is. */
  host(name: string): Host;
  /**
   * Nothing passes between the two any more: `drop` silently, `reset` with an error at once, `one way` only what the
   * first one sends, silently.
   */
  cut(one: string, other: string, how: CutHow): Promise<void>;
  /** Nothing reaches the host or leaves it any more, at once and silently. */
  unplug(name: string): Promise<void>;
  /** Everything passes again. */
  heal(): Promise<void>;
}

export const CLIENTS = 'clients';
