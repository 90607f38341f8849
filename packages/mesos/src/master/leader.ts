const MASTER_NODE = /^json\.info_(\d+)$/;

/**
 * The name of the leader's node among the children of a Mesos path: the smallest number leads,
 * numbers have gaps, other children (such as `log_replicas`) are none of ours.
 */
export function leaderAmong(names: readonly string[]): string | undefined {
  const masters = names.flatMap((name) => {
    const digits = MASTER_NODE.exec(name)?.[1];
    return digits === undefined ? [] : [{ name, sequence: BigInt(digits) }];
  });
  const first = masters.toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1))[0];
  return first?.name;
}
