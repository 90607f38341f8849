import { parseMasterAddress, type Origin } from './address.ts';
import { ZooKeeperMasterFinder, type ZooKeeperFinderOptions } from './zookeeper-finder.ts';

/** Tells which master leads. */
export interface MasterFinder {
  /**
   * Calls back with the leader's origin, now if it is known and whenever it changes; undefined while
   * there is none. Returns a function that ends the calls.
   */
  watch(onLeader: (leader: Origin | undefined) => void): () => void;
  close(): Promise<void>;
}

/**
 * The finder for an address as users write it: `host:port`, `http://host:port` (which may be a
 * standby: redirects are followed) or `zk://[user:password@]host:port,…/path`. Throws `option`.
 */
export function masterFinder(address: string, options: ZooKeeperFinderOptions = {}): MasterFinder {
  return address.startsWith('zk://') ? new ZooKeeperMasterFinder(address, options) : fixedMaster(address);
}

function fixedMaster(address: string): MasterFinder {
  const origin = parseMasterAddress(address);
  return {
    watch(onLeader) {
      onLeader(origin);
      return () => {};
    },
    close: () => Promise.resolve(),
  };
}
