import { setFlagsFromString } from 'node:v8';

// An executor shares its task's memory with mysqld: what it keeps, mysqld lacks. Left to itself V8 sizes its heap by
// the machine and lets garbage lie: 340 MB resident where 20 MB live. Imported first, before anything is allocated.
for (const flag of ['--optimize-for-size', '--max-semi-space-size=1', '--max-heap-size=96'])
  setFlagsFromString(flag);
