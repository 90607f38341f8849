import { writeDurably } from '@cotton/mysql-ops';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExecutorError } from './error.ts';

/** What this volume remembers of the cluster's history, whoever runs on it. */
export interface EpochRecord {
  format: 1;
  /** Highest epoch this instance has acted in. */
  epoch: number;
  /** Tells it apart from an epoch of the same number in another history. */
  epochId: string;
  /** Highest epoch in which its mysqld was to be opened for writes; 0: never. */
  ledEpoch: number;
  /** Highest generation of the electorate seen in control: a restored copy of ZooKeeper may know fewer. */
  generation: number;
}

const FILE = 'cotton-epoch.json';
const NOTHING_YET: EpochRecord = { format: 1, epoch: 0, epochId: '', ledEpoch: 0, generation: 0 };

/**
 * Reads the record of the volume at `directory`; a new volume has epoch 0.
 * @throws ExecutorError `epoch_file_damaged`: guessing would let a deposed primary come back
 */
export async function readEpoch(directory: string): Promise<EpochRecord> {
  const file = join(directory, FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return NOTHING_YET;
  const record = parse(text);
  // Files from before generations were noted lack them.
  if (isRecord(record)) return { ...NOTHING_YET, ...record };
  throw new ExecutorError(
    'epoch_file_damaged',
    `${file}; remove it only when no other member can be primary`,
  );
}

/** Replaces the record. When this returns, it survives a power loss; until then the old one stands. */
export async function writeEpoch(directory: string, record: Omit<EpochRecord, 'format'>): Promise<void> {
  const { epoch, epochId, ledEpoch, generation } = record;
  const text = JSON.stringify({ format: 1, epoch, epochId, ledEpoch, generation } satisfies EpochRecord);
  await writeDurably(join(directory, FILE), text, 0o600);
}

function isRecord(record: EpochRecord | undefined): record is EpochRecord {
  return (
    record?.format === 1 &&
    Number.isSafeInteger(record.epoch) &&
    Number.isSafeInteger(record.ledEpoch) &&
    typeof record.epochId === 'string'
  );
}

function parse(text: string): EpochRecord | undefined {
  try {
    return JSON.parse(text) as EpochRecord;
  } catch {
    return undefined;
  }
}
