import { expect, test } from 'vitest';
import { planDisk } from './disk.ts';

test.each([
  [512, { binaryLogsMb: 128, logFileMb: 16, redoLogMb: 64 }],
  [2048, { binaryLogsMb: 512, logFileMb: 64, redoLogMb: 256 }],
  [1024 ** 2, { binaryLogsMb: 256 * 1024, logFileMb: 128, redoLogMb: 128 * 1024 }],
  // Smaller than a cluster may be, but MySQL must still take it.
  [16, { binaryLogsMb: 4, logFileMb: 1, redoLogMb: 8 }],
])('a disk of %i MB', (diskMb, plan) => {
  expect(planDisk(diskMb)).toEqual(plan);
});
