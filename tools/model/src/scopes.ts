import type { Settings } from './settings.ts';

export interface Scope {
  name: string;
  about: string;
  settings: Settings;
  /** Takes minutes and gigabytes: only with `--deep`. */
  deep?: boolean;
}

const three = { members: 3, transactions: 1, voters: [1, 2], k: 1 };
const oneVoter = { ...three, voters: [1] };

/** Every history within each of these is looked at. */
export const SCOPES: Scope[] = [
  {
    name: 'elections',
    about: 'two elections in a row, under writes',
    settings: { ...three, transactions: 2, elections: 2 },
  },
  {
    name: 'electorate',
    about: 'a voter leaves, joins or is exchanged, then an election',
    settings: { ...three, transactions: 2, elections: 1, changes: 1 },
  },
  {
    name: 'electorate-of-one',
    about: 'the only voter is exchanged, then an election',
    settings: { ...oneVoter, transactions: 2, elections: 1, changes: 1 },
  },
  {
    name: 'many-changes',
    about: 'three changes one upon the other',
    settings: { ...oneVoter, transactions: 2, changes: 3 },
  },
  {
    name: 'two-acknowledgements',
    about: 'k = 2: a change and an election',
    settings: { ...three, members: 4, k: 2, elections: 1, changes: 1 },
  },
  {
    name: 'other-count',
    about: 'k goes from 1 to 2, then an election',
    settings: { ...three, elections: 1, changes: 1, recounts: 1 },
  },
  {
    name: 'power-loss',
    about: 'a host loses power, and what was not synced; an election',
    settings: { ...three, transactions: 2, elections: 1, reboots: 1 },
  },
  {
    name: 'rebuild',
    about: 'a replica is rebuilt, a host loses power; an election',
    settings: { ...three, elections: 1, reboots: 1, rebuilds: 1 },
  },
  {
    name: 'restarts',
    about: 'mysqld of the primary dies, an executor dies; an election',
    settings: { ...three, transactions: 2, elections: 1, crashes: 1, restarts: 1 },
  },
  {
    name: 'alone',
    about: 'the primary goes on alone; an election',
    settings: { ...three, elections: 1, degrade: true },
  },
  {
    name: 'alone-and-back',
    about: 'the primary goes on alone and waits again',
    settings: { ...oneVoter, transactions: 2, changes: 1, degrade: true },
  },
  {
    name: 'first-voters',
    about: 'a new cluster gets its first voters; an election',
    settings: { ...three, transactions: 2, voters: [], elections: 1, changes: 1 },
  },
  {
    name: 'switchovers',
    about: 'two switchovers, also taken back, and an election',
    settings: { ...three, elections: 1, switchovers: 2 },
  },
  {
    name: 'stranger',
    about: 'a member that missed everything acknowledges to a former primary that is elected again',
    settings: { ...three, members: 4, elections: 1, strangers: [3] },
  },
  {
    name: 'local-writes',
    about: 'a tenant writes on a replica; an election',
    settings: { ...three, transactions: 2, elections: 1, locals: 1 },
  },
  {
    name: 'elections-and-power-loss',
    about: 'two elections, a host loses power',
    settings: { ...three, elections: 2, reboots: 1 },
    deep: true,
  },
  {
    name: 'electorate-and-power-loss',
    about: 'a change, an election, a host loses power',
    settings: { ...three, elections: 1, changes: 1, reboots: 1 },
    deep: true,
  },
  {
    name: 'electorate-twice',
    about: 'two changes, then an election',
    settings: { ...three, transactions: 2, elections: 1, changes: 2 },
    deep: true,
  },
  {
    name: 'switchover-and-electorate',
    about: 'a change, a switchover, an election, under writes',
    settings: { ...three, transactions: 2, elections: 1, switchovers: 1, changes: 1 },
    deep: true,
  },
  {
    name: 'alone-and-changes',
    about: 'the primary goes on alone, waits again; an election',
    settings: { ...three, elections: 1, changes: 1, degrade: true },
    deep: true,
  },
  {
    name: 'three-of-four',
    about: 'k = 2 with three voters: a change and an election',
    settings: { ...three, members: 4, voters: [1, 2, 3], k: 2, elections: 1, changes: 1 },
    deep: true,
  },
];
