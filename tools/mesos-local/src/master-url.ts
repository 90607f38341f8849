import { StandaloneDetector, type LeaderDetector } from './leader-detector.ts';

/** Finds the master a `--master` names: `host:port`. */
export function leaderDetector(master: string): LeaderDetector {
  return new StandaloneDetector(master);
}
