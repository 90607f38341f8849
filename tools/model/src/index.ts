export { INVARIANTS, WITNESS } from './invariants.ts';
export { checkScope, checkTrap, type Outcome, runAll, withCheckers } from './run-all.ts';
export { type Scope, SCOPES } from './scopes.ts';
export { readRules, type Rule, TRAPS } from './traps.ts';
