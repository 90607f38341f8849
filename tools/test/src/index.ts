export { type ProjectOptions, runProject } from './run-project.ts';
export type { Tally } from './tally.ts';
