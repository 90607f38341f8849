import { joinPath } from '@cotton/zookeeper';

/** Where coordination lives under `--zk_url`. (`state/…` belongs to @cotton/state.) */
export const electionPath = (root: string): string => joinPath(root, 'election');
export const controlPath = (root: string, ...uid: string[]): string => joinPath(root, 'control', ...uid);
export const statusPath = (root: string, ...uidAndInstance: string[]): string =>
  joinPath(root, 'status', ...uidAndInstance);
/** Also the path part of a cluster's `cluster_url`. */
export const discoverPath = (root: string, ...cluster: string[]): string =>
  joinPath(root, 'discover', ...cluster);
