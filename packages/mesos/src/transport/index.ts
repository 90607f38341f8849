export type { BasicCredential } from './auth.ts';
export { DEFAULT_MAX_RECORD_BYTES, encodeRecord, RecordDecoder } from './recordio.ts';
export type { After } from './time.ts';
