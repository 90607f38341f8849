/**
 * Mesos resources in the JSON form of the v1 protobufs (snake_case members, enums as names).
 * The stand-in keeps every message in this form; protobuf exists only at the edge of the HTTP server.
 */
export interface Labels {
  labels?: { key: string; value?: string }[];
}

export interface Reservation {
  type?: 'STATIC' | 'DYNAMIC' | 'UNKNOWN';
  role?: string;
  principal?: string;
  labels?: Labels;
}

export interface DiskInfo {
  persistence?: { id: string; principal?: string };
  volume?: { mode: string; container_path: string; host_path?: string };
  source?: Record<string, unknown>;
}

export interface Resource {
  name: string;
  type: 'SCALAR' | 'RANGES' | 'SET' | 'TEXT';
  scalar?: { value: number };
  ranges?: { range?: { begin: number; end: number }[] };
  set?: { item?: string[] };
  allocation_info?: { role?: string };
  reservations?: Reservation[];
  disk?: DiskInfo;
  shared?: Record<string, unknown>;
  revocable?: Record<string, unknown>;
  provider_id?: { value: string };
  /** Only in the format from before reservation refinement. */
  role?: string;
  reservation?: { principal?: string; labels?: Labels };
}
