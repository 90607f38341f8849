export * from './client.ts';
export * from './errors.ts';
export * from './exit-codes.ts';
export * from './fields.ts';
export * from './requests.ts';
export * from './schemas.ts';
export * from './sizes.ts';
export * from './vars.ts';
