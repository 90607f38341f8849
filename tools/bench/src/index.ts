export { formatTable, spread, type BenchResult, type Measurement, type Measurements } from './measurement.ts';
