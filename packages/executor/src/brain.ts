/** What of the executor is pure: the simulation (tools/simulate) runs it as it stands. */
export { accountsKey } from './accounts.ts';
export { mustFence } from './fence.ts';
export {
  forgetLife,
  forgetSource,
  initialState,
  type InstanceNames,
  type InstanceState,
  isNew,
  noteDetached,
  servesWrites,
  statusOf,
  voterOf,
} from './instance-state.ts';
export { acksOf, type Enforced, nextStep, type Step } from './next-step.ts';
export { acknowledged, enforced, isUnheard, opened, ordered, settled, silentForMs } from './pulse.ts';
