export { StateError, type StateErrorCode } from './errors.ts';
export type { Fence } from './fenced-writes.ts';
export { LocalStore, type LocalStoreOptions } from './local-store.ts';
export {
  type Codec,
  type LoadedState,
  MAX_RECORD_BYTES,
  type Store,
  type StoreCodecs,
  type Stored,
  type StoredCluster,
} from './store.ts';
export { ZooKeeperStore, type ZooKeeperStoreOptions } from './zookeeper-store.ts';
