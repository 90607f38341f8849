export * from './error.ts';
export * from './executor/index.ts';
export * from './master/index.ts';
export * from './operator/index.ts';
export * as resources from './resources/index.ts';
export * from './scheduler/index.ts';
export * from './transport/index.ts';
export * from './wire/index.ts';
