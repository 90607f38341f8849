export { formatTable, spread, type BenchResult, type Measurement } from './measurement.ts';
