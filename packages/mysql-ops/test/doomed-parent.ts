/**
 * Starts a mysqld as an executor does, says its process id and the volume lock, and waits to be killed.
 * Arguments: room, uid (or '' to stay who we are).
 */
import { lockVolume } from '../src/index.ts';
import { Instance } from './support.ts';

const [room = '', uid = ''] = process.argv.slice(2);
const owner = uid === '' ? undefined : { uid: Number(uid), gid: Number(uid) };
const instance = await Instance.boot(room, 1, { owner });
await lockVolume(instance.options.data.volume);
process.stdout.write(
  `${JSON.stringify({ pid: instance.server.pid, volume: instance.options.data.volume })}\n`,
);
setInterval(() => undefined, 1000);
