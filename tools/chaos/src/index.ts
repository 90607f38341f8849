export { check, type Expectations } from './check/check.ts';
export type { Violation } from './check/violation.ts';
export { FAULTS } from './faults/index.ts';
