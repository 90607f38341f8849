/** Pure functions on the lists of resources found in offers. */
export { add, contains, equal, subtract } from './arithmetic.ts';
export { ranges, scalar, set } from './build.ts';
export { formatResource, formatResources } from './format.ts';
export { applyOperation, type OperationResult } from './operation.ts';
export { pick, type Wanted } from './pick.ts';
export { flatten, labelsOf, numbersIn, quantities, sumOf, unreserved, withLabels } from './query.ts';
export {
  allocate,
  isDynamicallyReserved,
  refine,
  reservationRole,
  reserve,
  unallocate,
  unrefine,
  unreserve,
} from './reservation.ts';
export { createVolume, destroyVolume, growVolume, isPersistentVolume } from './volume.ts';
