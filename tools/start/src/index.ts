export { startStack, type Stack, type StackOptions } from './stack.ts';
export { buildBundles } from './build.ts';
export { SchedulerProcess } from './scheduler-process.ts';
export { localDir, root } from './paths.ts';
