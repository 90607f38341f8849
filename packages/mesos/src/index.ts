export * from './error.ts';
export * from './wire/index.ts';
export * as resources from './resources/index.ts';
