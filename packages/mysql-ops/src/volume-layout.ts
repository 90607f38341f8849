import { join } from 'node:path';

/** Where things are in a volume. */
export const volumeLayout = (volume: string) => ({
  /** Whose volume it is. */
  identity: join(volume, 'identity.json'),
  lock: join(volume, 'lock'),
  /** mysqld's data directory; it is whole whenever it is there. */
  data: join(volume, 'data'),
  /** A data directory that is being made, or being thrown away. */
  unfinished: join(volume, 'data.unfinished'),
  discarded: join(volume, 'data.discarded'),
  /** Says that CLONE is replacing the data. */
  rebuild: join(volume, 'rebuild.json'),
  incarnation: join(volume, 'incarnation'),
  run: join(volume, 'run'),
  tmp: join(volume, 'tmp'),
  log: join(volume, 'log'),
});
