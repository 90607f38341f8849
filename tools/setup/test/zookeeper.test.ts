import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ensureZooKeeper, fourLetterWord, startZooKeeper, startZooKeeperEnsemble } from '../src/index.ts';

const SET_UP_LIMIT_MS = 300_000; // on a fresh machine it downloads

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe('startZooKeeper', () => {
  it('starts a server that opens sessions', { timeout: SET_UP_LIMIT_MS }, async () => {
    await ensureZooKeeper();
    const server = await startZooKeeper();
    cleanups.push(() => server.stop());
    expect(await fourLetterWord('127.0.0.1', server.port, 'ruok')).toBe('imok');
    expect(await openSession(server.port, 2000)).toMatchObject({ timeoutMs: 2000 });
  });

  it('grants sessions short enough for failover tests', async () => {
    const server = await startZooKeeper();
    cleanups.push(() => server.stop());
    expect(await openSession(server.port, 1)).toMatchObject({ timeoutMs: 1000 });
  });

  it('comes back on its port after a kill, and leaves nothing after stop', async () => {
    const server = await startZooKeeper();
    const { port, pid, dataDir } = server;
    await server.kill();
    expect(isAlive(pid)).toBe(false);
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await fourLetterWord('127.0.0.1', port, 'ruok')).toBe('imok');
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('reports why it did not start', async () => {
    const server = await startZooKeeper();
    cleanups.push(() => server.stop());
    await expect(startZooKeeper({ port: server.port })).rejects.toMatchObject({
      code: 'zookeeper_failed',
      message: expect.stringMatching(/in use/i),
    });
  });
});

describe('startZooKeeperEnsemble', () => {
  it('forms a quorum with one leader, which survives the loss of a member', async () => {
    const ensemble = await startZooKeeperEnsemble({ members: 3 });
    cleanups.push(() => ensemble.stop());
    const modes = await Promise.all(ensemble.servers.map((server) => modeOf(server.port)));
    expect(modes.toSorted()).toEqual(['follower', 'follower', 'leader']);
    const follower = ensemble.servers[modes.indexOf('follower')]!;
    await follower.kill();
    const leader = ensemble.servers[modes.indexOf('leader')]!;
    expect(await openSession(leader.port, 4000)).toMatchObject({ timeoutMs: 4000 });
  });
});

async function modeOf(port: number): Promise<string | undefined> {
  return /Mode: (\w+)/.exec(await fourLetterWord('127.0.0.1', port, 'srvr'))?.[1];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Sends ZooKeeper's connect request, byte by byte as its protocol has it, and reads what the server granted. */
function openSession(port: number, timeoutMs: number): Promise<{ timeoutMs: number }> {
  const request = Buffer.alloc(4 + 44);
  request.writeInt32BE(44, 0); // length; then protocol version, last zxid, timeout, session id, password of 16 bytes
  request.writeInt32BE(timeoutMs, 16);
  request.writeInt32BE(16, 28);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer to the connect request')));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      resolve({ timeoutMs: answer.readInt32BE(8) });
    });
  });
}
