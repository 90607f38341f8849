export {
  type BenchResult,
  formatResults,
  type Measurement,
  type Measurements,
  spread,
  type Table,
} from './measurement.ts';
