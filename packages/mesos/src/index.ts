export * from './error.ts';
export * from './wire/index.ts';
