export { sumTallies, type Tally, verdict } from './tally.ts';
