import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL } from './checker.ts';
import type { Settings } from './settings.ts';

/** A rule of the protocol that can be left out on purpose. */
export interface Rule {
  name: string;
  number: number;
  /** What happens without it. */
  about: string;
}

const two = { members: 2, transactions: 1, voters: [1], k: 1 };
const three = { members: 3, transactions: 1, voters: [1, 2], k: 1 };
const oneVoter = { ...three, voters: [1] };
/** One of three voters leaves, a fourth one joins; the other two never say anything. */
const fiveAtTwo = { ...three, members: 5, voters: [1, 2, 3], k: 2, dead: [2, 3], changes: 2 };

/** Where a search without the rule goes wrong. */
export const TRAPS: Record<string, Settings> = {
  'join-and-leave-together': { ...three, members: 4, k: 2, changes: 1 },
  'change-before-enforcing': fiveAtTwo,
  'change-before-settled': fiveAtTwo,
  'barred-not-locked': { ...oneVoter, transactions: 2, changes: 1 },
  'marker-before-lock-out': { ...oneVoter, transactions: 2, changes: 1 },
  'executed-as-barrier': { ...oneVoter, transactions: 2, changes: 1 },
  'drop-before-settled': { ...oneVoter, changes: 1 },
  'unbar-unseen': { ...oneVoter, transactions: 2, changes: 3 },
  'silent-too-early': { ...oneVoter, transactions: 2, changes: 3 },
  'acknowledge-unnamed': oneVoter,
  'elect-before-revoking': { ...three, elections: 1 },
  'elect-before-bound': { ...three, elections: 1 },
  'elect-on-executed': { ...three, elections: 1 },
  'earlier-primary-suffices': { ...two, elections: 2 },
  'empty-winner-counts': { ...two, elections: 2, reboots: 1 },
  'amnesiac-votes': { ...three, elections: 1, reboots: 1 },
  'rebuilt-votes': { ...three, elections: 1, rebuilds: 1 },
  'open-before-electorate': { ...three, elections: 1 },
  'open-without-elected': { ...two, elections: 1, reboots: 1 },
  'reopen-after-restart': { ...two, transactions: 2, crashes: 1 },
  'stale-control-after-restart': { ...oneVoter, transactions: 2, changes: 1, restarts: 1 },
  'late-scheduler-write': { ...oneVoter, elections: 1 },
  'degrade-unasked': { ...three, elections: 1, degrade: true },
  'go-alone-unpersisted': { ...three, degrade: true },
  'hand-over-unnamed': { ...three, switchovers: 2 },
  'switch-before-closed': { ...three, switchovers: 1 },
  'set-aside-own': { ...two, transactions: 2, elections: 1, switchovers: 1 },
  'strangers-not-barred': { ...three, members: 4, elections: 1, strangers: [3] },
  'open-before-lock-out': { ...three, members: 4, elections: 1, strangers: [3] },
};

/** The rules that need what a lagging server or a sleeping scheduler still has: a checker of their own. */
export const WITH_OLD_CONTROL = ['stale-control-after-restart', 'late-scheduler-write'];

/** As model/rules.pml lists them. */
export async function readRules(): Promise<Rule[]> {
  const text = await readFile(join(MODEL, 'rules.pml'), 'utf8');
  return [...text.matchAll(/^#define ([A-Z_]+) (\d+) \/\/ (.*)$/gm)].map(
    ([, name = '', number, about = '']) => ({
      name: name.toLowerCase().replaceAll('_', '-'),
      number: Number(number),
      about,
    }),
  );
}
