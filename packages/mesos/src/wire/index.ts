export * from './codec.ts';
export * from './messages.ts';
export type * from './generated/types.ts';
export * from './time.ts';
