/** Everything done to one mysqld. SQL and process facts live here only; docs/clustering.md tells the story around them. */
export * from './error.ts';
export * from './limit.ts';
export * from './installation.ts';
export * from './memory.ts';
export * from './overlay.ts';
export * from './config.ts';
export * from './volume-lock.ts';
export * from './data-directory.ts';
export * from './server.ts';
export * from './admin.ts';
export * from './replication.ts';
export * from './fits.ts';
export * from './primary.ts';
export * from './accounts.ts';
export * from './clone.ts';
export * from './metrics.ts';
export * from './probe.ts';
