export { originOfMasterInfo, parseMasterAddress, redirectTarget, type Origin } from './address.ts';
export { masterFinder, type MasterFinder } from './finder.ts';
export { leaderAmong } from './leader.ts';
export type { ZooKeeperFinderOptions } from './zookeeper-finder.ts';
