export * from './documents.ts';
export * from './duty.ts';
export * from './errors.ts';
export * from './identity.ts';
export * from './task-data.ts';
