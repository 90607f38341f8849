/** What the model is let loose with. Member 0 is the primary at first; what is not given does not happen. */
export interface Settings {
  /** 2 to 5, with the first primary. */
  members: number;
  /** 1 to 3. */
  transactions: number;
  /** Who acknowledges at first. */
  voters: number[];
  /** K; also k at first, unless there are no voters. */
  k: number;
  /** How often a primary may be deposed, for whatever reason. */
  elections?: number;
  /** How often the electorate may change. */
  changes?: number;
  /** How often K may go from 1 to 2 or back. */
  recounts?: number;
  /** The primary may ask to go on alone, as often as it likes. */
  degrade?: boolean;
  switchovers?: number;
  /** Deaths of a primary's mysqld, of an executor, of a host. */
  crashes?: number;
  restarts?: number;
  reboots?: number;
  /** Replicas whose data are replaced for no reason. */
  rebuilds?: number;
  /** Writes that a tenant makes on a replica. */
  locals?: number;
  /** Members that have heard of nothing since member 1 was primary once. */
  strangers?: number[];
  /** Members that do nothing at all. */
  dead?: number[];
}

/** As the checker takes them. `broken` is the number of the rule to leave out. */
export function environmentOf(settings: Settings, broken: number): Record<string, string> {
  const { voters, k, degrade, strangers, dead, ...counts } = settings;
  const values: Record<string, number> = {
    ...counts,
    k,
    acks: voters.length > 0 ? k : 0,
    voters: setOf(voters),
    degrade: Number(degrade ?? false),
    strangers: setOf(strangers ?? []),
    dead: setOf(dead ?? []),
    broken,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name.toUpperCase(), String(value)]),
  );
}

function setOf(members: number[]): number {
  return members.reduce((set, member) => set | (1 << member), 0);
}
